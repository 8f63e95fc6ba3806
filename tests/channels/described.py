"""The website API as its OpenAPI description has it: what fits it, and values that a client could send by it."""

from functools import cache
from typing import Any
from urllib.parse import urlsplit

import requests
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from family_guide.channels.description import description
from family_guide.settings import Settings

BASE = "/webhooks/website"
INTERNAL = ("Traceback", "rasa", "sqlalchemy", "family_guide", "site-packages", "Exception", "sanic", "/usr/", "/tmp/")
"""Words of the inside, which no response may hold."""

Schema = dict[str, Any]


@cache
def document() -> Schema:
    """The description, as a deployment without settings of its own serves it."""
    return description(Settings())


def resolved(part: Schema) -> Schema:
    """Return a part of the description, or what it refers to."""
    if "$ref" not in part:
        return part
    found: Any = document()
    for key in part["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    return dict(found)


def operation(method: str, path: str) -> Schema:
    """Return an operation by its method and its path below the channel's address."""
    return dict(document()["paths"][path][method.lower()])


def body_schema(method: str, path: str) -> Schema:
    """Return the schema of an operation's request body."""
    return dict(operation(method, path)["requestBody"]["content"]["application/json"]["schema"])


def misfits(schema: Schema, value: Any) -> list[str]:
    """Return in which ways a value does not fit a schema of the description."""
    whole = {**schema, "components": document()["components"]}
    return [f"{error.json_path}: {error.message[:300]}" for error in Draft202012Validator(whole).iter_errors(value)]


def check(response: requests.Response) -> requests.Response:
    """Hold a response of the API to the description; nothing of the inside is in it.

    Raises:
        AssertionError: its status, a header or its body is not described.
    """
    assert response.request.method is not None
    path = urlsplit(response.url).path.removeprefix(BASE)
    described = operation(response.request.method, path)["responses"]
    assert str(response.status_code) in described, f"{response.request.method} {path} {response.status_code}"
    answer = resolved(described[str(response.status_code)])
    for name, header in answer.get("headers", {}).items():
        assert misfits(header["schema"], response.headers[name]) == []
    assert not [word for word in INTERNAL if word in response.text], response.text[:500]
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    if "content" not in answer:
        assert response.content == b""
        return response
    assert response.headers["Content-Type"].split(";")[0] == "application/json"
    assert misfits(answer["content"]["application/json"]["schema"], response.json()) == []
    return response


def values(schema: Schema) -> st.SearchStrategy[Any]:
    """Return a strategy for values that fit a schema of the description, as far as requests need it.

    Raises:
        NotImplementedError: the schema says something that no request of ours has.
    """
    schema = resolved(schema)
    if "oneOf" in schema:
        return st.one_of([values(one) for one in schema["oneOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("type") == "object":
        fields = {name: values(field) for name, field in schema.get("properties", {}).items()}
        required = set(schema.get("required", []))
        return st.fixed_dictionaries(
            {name: field for name, field in fields.items() if name in required},
            optional={name: field for name, field in fields.items() if name not in required},
        )
    if schema.get("type") == "string" and "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    if schema.get("type") == "string":
        return st.text(min_size=schema.get("minLength", 0), max_size=min(schema.get("maxLength", 200), 200))
    raise NotImplementedError(schema)
