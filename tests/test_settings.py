import pytest
from pydantic import ValidationError

from family_guide.settings import ROOT, Settings


def test_every_setting_is_documented():
    documented = (ROOT / "docs" / "settings.md").read_text("utf-8")
    missing = [name for name in Settings.__fields__ if f"`FAMILY_GUIDE_{name.upper()}`" not in documented]
    assert missing == []


@pytest.mark.parametrize(("name", "value"), [("PORT", "0"), ("PORT", "x"), ("MAX_CHARS", "-1"), ("REPLY_SECONDS", "0")])
def test_a_value_that_does_not_fit_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv(f"FAMILY_GUIDE_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()
