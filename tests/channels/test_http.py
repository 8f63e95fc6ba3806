from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from family_guide.channels.http import ApiError, json_object, string_field


def request(body: bytes) -> SimpleNamespace:
    return SimpleNamespace(body=body)


@given(st.binary(max_size=200))
def test_any_body_is_an_object_or_a_clear_error(body):
    try:
        found = json_object(request(body), 100)
    except ApiError as refused:
        error = refused
    else:
        assert isinstance(found, dict)
        return
    assert error.status in (400, 413)


def test_deep_nesting_is_refused():
    with pytest.raises(ApiError):
        json_object(request(b"[" * 100_000), 0)


def test_an_empty_body_is_an_empty_object():
    assert json_object(request(b""), 10) == {}


@pytest.mark.parametrize("value", [1, True, [], {}, "\ud800", "x" * 11])
def test_a_field_of_another_kind_is_refused(value):
    with pytest.raises(ApiError):
        string_field({"text": value}, "text", 10)


def test_a_field_that_is_not_given_is_none():
    assert string_field({}, "text", 10) is None
