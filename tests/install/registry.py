"""A registry on loopback (PEP 503) as it will be some day: it has every locked package, and a newer release of each.

The packages are empty but for what they say of themselves, which is what the real ones say: what they ask for, with
which extras and markers. The lock that is handed out is the project's own with the hashes of these files.
"""

import hashlib
import re
import threading
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.utils import canonicalize_name

from tests.architecture.test_lock import entries

NEWER = "9999.0"


def locked_here(text: str) -> dict[str, str]:
    """Name and version of what a lock installs on this machine."""
    pins = [pin for pin, _ in entries(text) if pin.marker is None or pin.marker.evaluate()]
    return {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin in pins}


def wheel(folder: Path, name: str, version: str) -> Path:
    """An empty package that asks for what the installed one of this name asks for."""
    try:
        asks = requires(name) or []
    except PackageNotFoundError:
        asks = []
    stem = f"{name.replace('-', '_')}-{version}"
    itself = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    files = {
        "METADATA": "\n".join([*itself, *extras(asks), *wants(asks)]),
        "WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{stem}.dist-info/{one},{digest(text)},{len(text)}\n" for one, text in files.items())
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for one, text in files.items():
            archive.writestr(f"{stem}.dist-info/{one}", text)
        archive.writestr(f"{stem}.dist-info/RECORD", f"{record}{stem}.dist-info/RECORD,,\n")
    return path


def digest(text: str) -> str:
    return "sha256=" + urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def wants(asks: list[str]) -> list[str]:
    return [f"Requires-Dist: {one}" for one in asks]


def extras(asks: list[str]) -> list[str]:
    named = {found for one in asks for found in re.findall(r"extra == ['\"]([^'\"]+)", one)}
    return [f"Provides-Extra: {one}" for one in sorted(named)]


class Registry:
    """The folder that is served, the lock that goes with it, and what was taken from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken: list[str] = []
        self.address = ""

    def lock(self, text: str) -> str:
        """The lock with the hashes of the files that lie here."""
        lines = []
        for name, version in locked_here(text).items():
            here = self.folder / "simple" / name
            if not here.exists():
                here.mkdir(parents=True)
                files = [wheel(here, name, version), wheel(here, name, NEWER)]
                (here / "index.html").write_text("".join(f'<a href="{one.name}">{one.name}</a>\n' for one in files))
            (own,) = here.glob(f"*-{version}-py3*.whl")
            lines.append(f"{name}=={version} --hash=sha256:{hashlib.sha256(own.read_bytes()).hexdigest()}\n")
        return "".join(lines)


@contextmanager
def running(folder: Path) -> Iterator[Registry]:
    """A registry that answers until the end of the block."""
    registry = Registry(folder)

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            if self.path.endswith(".whl"):
                registry.taken.append(Path(self.path).name)

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    registry.address = f"http://127.0.0.1:{server.server_port}/simple"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
