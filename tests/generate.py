"""Write the files that are made from the code, or say which of them are stale.

    python -m tests.generate            writes them
    python -m tests.generate --check    changes nothing; names the stale ones and ends with 1

They are committed, so that a reviewer sees in the same change what a change of code does to the contract.
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

Generator = Callable[[], str]


def openapi() -> str:
    """The public contract as the application itself gives it."""
    from app.main import create_app
    from app.settings import Settings

    # The defaults, whatever this machine's environment says.
    document = create_app(Settings.model_construct()).openapi()
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def rules() -> str:
    """The readiness rules as a readable page, printed from the tables that test them."""
    from tests.spec.page import rules_page

    return rules_page()


def session_states() -> str:
    """The states and doors of a session, drawn from the table that decides them."""
    from app.domain.sessions import diagram

    return diagram()


def data_dictionary() -> str:
    """The columns of the flat export, from the table that defines them."""
    from app.exchange.flat import dictionary

    return dictionary()


GENERATED: Mapping[str, Generator] = {
    "docs/data-dictionary.md": data_dictionary,
    "docs/openapi.json": openapi,
    "docs/rules.md": rules,
    "docs/session-states.md": session_states,
}


def stale(root: Path, generated: Mapping[str, Generator]) -> list[str]:
    """Return the paths below `root` whose text is not what their generator gives now (or which are missing)."""

    def kept(path: Path) -> str | None:
        return path.read_text(encoding="utf-8") if path.exists() else None

    return [name for name, make in generated.items() if kept(root / name) != make()]


def main(arguments: list[str]) -> int:
    """Do what the command line asks; the exit code is 1 when something is stale."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    names = stale(ROOT, GENERATED)
    if arguments == ["--check"]:
        for name in names:
            print(f"{name} is stale: run `make generate`")
        return 1 if names else 0
    for name in names:
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(GENERATED[name](), encoding="utf-8")
        print(f"{name} written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
