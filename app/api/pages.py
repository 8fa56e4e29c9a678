"""The tablet app, served by the service itself: the files that `python -m app.web.build` makes, and nothing else.

Its pages may run their own scripts and talk to this service, and nothing besides: the policy tells the browser so.
"""

import asyncio
import gzip
import mimetypes
from collections.abc import Collection
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
ASK_AGAIN = "no-cache"
"""For what must never be old: the page itself, the service worker, the manifest."""
FOR_EVER = "public, max-age=31536000, immutable"
"""For what carries a hash of its content in its name."""
NOT_BUILT = """\
Infusion Vitals is running, but its tablet app has not been built. Run

    python -m app.web.build

in the folder of the source (`make web` does the same), and start the service again.
The API below /v1 is there without it.
"""
INDEX = "index.html"
COMPRESSIBLE = ("text/", "image/svg+xml", "application/manifest+json")
# whatever this machine's own list of types says
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/manifest+json", ".webmanifest")


def routes(folder: Path, downloads: Collection[str] = ()) -> list[BaseRoute]:
    """`/` and the files that `folder` holds now, by name; below `/assets` whatever its `assets` holds then.

    `downloads`: files that are handed out to be kept, and are no page of this service.
    """
    if not (folder / INDEX).is_file():
        return [Route("/", _not_built, include_in_schema=False)]
    files = _Files(folder, ASK_AGAIN, downloads)
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    found: list[BaseRoute] = [files.route("/", INDEX), *(files.route(f"/{name}", name) for name in names)]
    if (folder / "assets").is_dir():
        found.append(Mount("/assets", _Files(folder / "assets", FOR_EVER)))
    return found


async def _not_built(request: Request) -> Response:
    return PlainTextResponse(NOT_BUILT)


def _may_be_small(response: FileResponse, scope: Scope) -> bool:
    """Whether this file may go compressed: a whole text, to a browser that takes it so. Nothing secret is in it."""
    asked = Headers(scope=scope)
    return (
        scope["method"] == "GET"
        and "range" not in asked
        and (response.media_type or "").startswith(COMPRESSIBLE)
        and "gzip" in asked.get("accept-encoding", "")
    )


class _Files(StaticFiles):
    """Starlette's own files, which never leave their folder, with our policy on each answer."""

    def __init__(self, folder: Path, cache: str, downloads: Collection[str] = ()) -> None:
        super().__init__(directory=folder)
        self._cache = cache
        self._downloads = downloads
        self._compressed: dict[str, tuple[str, bytes]] = {}

    def route(self, path: str, name: str) -> Route:
        """One file at one address."""

        async def page(request: Request) -> Response:
            return await self.get_response(name, request.scope)

        return Route(path, page, include_in_schema=False)

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except OSError:
            # a name this machine's disk cannot even look for
            raise HTTPException(404) from None
        if isinstance(response, FileResponse) and _may_be_small(response, scope):
            response = await self._small(response)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = self._cache
        if path in self._downloads:
            response.headers["Content-Disposition"] = f'attachment; filename="{path}"'
        return response

    async def _small(self, response: FileResponse) -> Response:
        """The same file, compressed: once for each state of it, and kept in memory (there are few)."""
        name, etag = str(response.path), response.headers["etag"]
        if self._compressed.get(name, ("", b""))[0] != etag:
            content = await asyncio.to_thread(Path(name).read_bytes)
            self._compressed[name] = (etag, gzip.compress(content, 9, mtime=0))
        headers = {
            "ETag": f"W/{etag}",
            "Last-Modified": response.headers["last-modified"],
            "Content-Encoding": "gzip",
            "Vary": "Accept-Encoding",
        }
        return Response(self._compressed[name][1], headers=headers, media_type=response.media_type)
