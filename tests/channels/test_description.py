"""The written description says what is served, all of it and nothing else."""

import re

import pytest
from jsonschema import Draft202012Validator
from sanic import Sanic

from family_guide.channels.description import DESCRIPTION_PATH, description
from family_guide.channels.website import WebsiteInput
from family_guide.settings import ROOT, Settings
from tests.channels.described import BASE, document


@pytest.fixture
def routes(tmp_path):
    """Method and path of every route of the channel."""

    async def never(message):
        raise AssertionError("no message is sent")

    app = Sanic("described", configure_logging=False)
    app.blueprint(WebsiteInput(Settings(var=tmp_path)).blueprint(never), url_prefix=BASE)
    app.router.finalize()
    yield {
        (method, "/" + route.path.removeprefix(BASE.strip("/")).strip("/"))
        for route in app.router.routes
        for method in route.methods
    }
    Sanic._app_registry.pop("described")


def test_every_route_is_described_and_every_description_has_its_route(routes):
    described = {(method.upper(), path) for path, methods in document()["paths"].items() for method in methods}
    assert described == routes
    assert ("GET", DESCRIPTION_PATH) in routes


def test_every_reference_leads_somewhere_and_every_schema_is_one():
    text = str(document())
    names = set(re.findall(r"#/components/([a-zA-Z]+)/([a-zA-Z]+)", text))
    assert len(names) > 10
    components = document()["components"]
    assert [name for kind, name in names if name not in components[kind]] == []
    # What is described is used.
    assert {name for kind, name in names if kind == "schemas"} == set(components["schemas"])
    for schema in components["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_operation_says_what_it_is_and_how_it_fails():
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            statuses = set(operation["responses"])
            if path not in ("/", DESCRIPTION_PATH):
                assert {"429", "503"} <= statuses, (method, path)
            if "requestBody" in operation:
                assert {"400", "413"} <= statuses, (method, path)


def test_the_codes_of_refusals_are_those_of_the_code():
    codes = set()
    for file in ("website.py", "http.py"):
        source = (ROOT / "family_guide" / "channels" / file).read_text("utf-8")
        codes |= set(re.findall(r'ApiError\(\s*\d+,\s*"([a-z_]+)"', source))
    assert codes == set(
        document()["components"]["schemas"]["Refusal"]["properties"]["error"]["properties"]["code"]["enum"]
    )


def test_the_longest_text_is_the_one_of_the_settings():
    def longest(most):
        found = description(Settings(max_chars=most))
        return found["components"]["schemas"]["Typed"]["properties"]["text"].get("maxLength")

    assert (longest(50), longest(0)) == (50, None)


def test_the_path_is_documented():
    assert BASE + DESCRIPTION_PATH in (ROOT / "docs" / "embedding.md").read_text("utf-8")
