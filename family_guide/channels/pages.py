"""The page that families open and the files of the chat widget. Read once, served from memory."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sanic import Blueprint
from sanic.exceptions import NotFound
from sanic.request import Request
from sanic.response import HTTPResponse, raw

from family_guide.channels.http import SECURITY_HEADERS
from family_guide.settings import ROOT, Settings

WIDGET = ROOT / "widget"
PAGE = "index.html"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_COMMENTS = re.compile(rb"^ */\*\*(?:(?!\*/)[\s\S])*\*/\n|^ *//.*\n", re.MULTILINE)
"""Comments of a script, each on lines of its own: nothing else of ours looks like that."""
_IMPORT = re.compile(rb'(from "\./[a-z-]+\.js)(")')
_READ = ("GET", "HEAD")
_ASK_FIRST = "no-cache"
_FOR_EVER = "public, max-age=31536000, immutable"
_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    # The widget builds nodes only: no string is ever read as HTML or as a script.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)


def security_headers() -> dict[str, str]:
    """Return the security headers of the page and the widget's files."""
    return {**SECURITY_HEADERS, "Content-Security-Policy": "; ".join(_POLICY)}


@dataclass(frozen=True)
class File:
    """A file as it is sent."""

    body: bytes
    compressed: bytes
    type: str
    etag: str


def read_files() -> tuple[dict[str, File], str]:
    """Read the files of the widget.

    A script is sent without its comments, a quarter of its size. Each import of one
    file by another gets the version as its query, so that a browser never mixes files
    of two versions and keeps them without asking again.

    Returns:
        The files by name, and the version: a hash over all of them.
    """
    found = {p.name: p.read_bytes() for p in sorted(WIDGET.iterdir()) if p.suffix in _TYPES}
    version = hashlib.sha256(b"".join(found.values())).hexdigest()[:12]
    files = {}
    for name, content in found.items():
        body = content
        if name.endswith(".js"):
            body = _IMPORT.sub(rb"\1?v=" + version.encode() + rb"\2", _COMMENTS.sub(b"", content))
        files[name] = File(
            body=body,
            compressed=gzip.compress(body, mtime=0),
            type=_TYPES[name[name.rindex(".") :]],
            etag=f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        )
    return files, version


def pages(settings: Settings) -> Blueprint:
    """Return the routes `/` and `/widget/<file>`.

    Args:
        settings: the deployment's settings.
    """
    blueprint = Blueprint("family_guide_pages")
    files, version = read_files()
    page = files.pop(PAGE)

    @blueprint.route("/", methods=_READ)
    async def index(request: Request) -> HTTPResponse:
        return _sent(request, page, {"Cache-Control": _ASK_FIRST})

    @blueprint.route("/widget/<name:str>", methods=_READ)
    async def widget(request: Request, name: str) -> HTTPResponse:
        if name not in files:
            raise NotFound("There is no such file.")
        headers = {
            "Cache-Control": _FOR_EVER if request.args.get("v") == version else _ASK_FIRST,
            # Any website may load the files; which of them may use the API is a setting.
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        return _sent(request, files[name], headers)

    return blueprint


def _sent(request: Request, file: File, headers: Mapping[str, str]) -> HTTPResponse:
    common = {**security_headers(), **headers, "ETag": file.etag, "Vary": "Accept-Encoding"}
    if file.etag in request.headers.get("if-none-match", ""):
        return HTTPResponse(status=304, headers=common)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return raw(file.compressed, headers={**common, "Content-Encoding": "gzip"}, content_type=file.type)
    return raw(file.body, headers=common, content_type=file.type)
