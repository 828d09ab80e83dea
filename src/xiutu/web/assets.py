"""Style sheets, modules and pictures of the console: served by version, so that browsers may keep them."""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

__all__ = ["FOLDER", "asset", "base"]

FOLDER = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".webp": "image/webp"}


@cache
def base() -> str:
    """Address of the folder; it changes with every change of a file, and so do relative imports."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(FOLDER).as_posix().encode())
            digest.update(path.read_bytes())
    return f"/console/static/{digest.hexdigest()[:12]}"


@cache
def _files() -> frozenset[str]:
    return frozenset(p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*") if p.is_file())


async def asset(request: Request) -> Response:
    """A file by its name; only names that are there, so no path can lead out of the folder."""
    name = request.path_params["path"]
    if name not in _files():
        return Response(status_code=404)
    current = base().endswith("/" + request.path_params["version"])
    keep = "public, max-age=31536000, immutable" if current else "no-cache"
    kind = _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
    headers = {"cache-control": keep, "x-content-type-options": "nosniff"}
    return FileResponse(FOLDER / name, media_type=kind, headers=headers)
