"""The page and the files of the widget, as they are sent."""

import gzip
import re

import pytest
import requests

from tests.conftest import Assistant

MOST_BYTES = 20_000
"""What all scripts of the widget may weigh together, compressed."""
FILES = ["family-guide.js", "page.css", "icon.svg"]


def get(assistant: Assistant, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{assistant.url}{path}", headers=headers, timeout=30)


@pytest.mark.parametrize("path", ["/", *(f"/widget/{name}" for name in FILES)])
def test_strict_headers(assistant: Assistant, path: str) -> None:
    headers = get(assistant, path).headers
    policy = headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/widget/family-guide.js", "text/javascript; charset=utf-8"),
        ("/widget/page.css", "text/css; charset=utf-8"),
        ("/widget/icon.svg", "image/svg+xml"),
    ],
)
def test_types(assistant: Assistant, path: str, type_: str) -> None:
    assert get(assistant, path).headers["Content-Type"] == type_


def test_unchanged_files_are_not_sent_again(assistant: Assistant) -> None:
    first = get(assistant, "/widget/family-guide.js")
    again = get(assistant, "/widget/family-guide.js", **{"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


def test_imports_name_a_version_that_is_kept_for_ever(assistant: Assistant) -> None:
    entry = get(assistant, "/widget/family-guide.js").text
    imports = re.findall(r'from "\./([^"]+)"', entry)
    assert len(imports) >= 5
    for name in imports:
        assert "?v=" in name
        response = get(assistant, f"/widget/{name}")
        assert response.status_code == 200
        assert "immutable" in response.headers["Cache-Control"]
    assert get(assistant, f"/widget/{imports[0].split('?')[0]}?v=other").headers["Cache-Control"] == "no-cache"


def test_the_widget_is_small(assistant: Assistant) -> None:
    seen, waiting, size = set(), ["family-guide.js"], 0
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        response = requests.get(
            f"{assistant.url}/widget/{name}", headers={"Accept-Encoding": "gzip"}, timeout=30, stream=True
        )
        assert response.headers["Content-Encoding"] == "gzip"
        body = response.raw.read(decode_content=False)
        size += len(body)
        waiting += re.findall(r'from "\./([^"]+)"', gzip.decompress(body).decode())

    assert len(seen) >= 8
    assert size <= MOST_BYTES


def test_comments_are_not_sent(assistant: Assistant) -> None:
    assert "@param" not in get(assistant, "/widget/family-guide.js").text


def test_no_address_outside_is_named(assistant: Assistant) -> None:
    page = get(assistant, "/").text
    for address in re.findall(r'<[^>]+ (?:src|href)="([^"]+)"', page):
        assert address.startswith(("widget/", "tel:"))


@pytest.mark.parametrize(
    "path", ["/widget/../pyproject.toml", "/widget/%2e%2e%2fpyproject.toml", "/widget/types.d.ts", "/widget/"]
)
def test_nothing_else_is_served(assistant: Assistant, path: str) -> None:
    with requests.Session() as session:
        request = requests.Request("GET", assistant.url).prepare()
        request.url = f"{assistant.url}{path}"
        assert session.send(request, timeout=30).status_code in (400, 404)
