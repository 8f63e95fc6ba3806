import re

import pytest
from pydantic import ValidationError

from family_guide.channels.messaging.settings import MessagingSettings
from family_guide.settings import ROOT, Settings

PREFIXES = {"FAMILY_GUIDE_STAFF", "FAMILY_GUIDE"}
"""What begins a variable's name in the code."""


def test_every_setting_is_documented():
    documented = (ROOT / "docs" / "settings.md").read_text("utf-8")
    missing = [name for name in Settings.__fields__ if f"`FAMILY_GUIDE_{name.upper()}`" not in documented]
    assert missing == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "x"),
        ("MAX_CHARS", "-1"),
        ("REPLY_SECONDS", "0"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "https://*.hospital.example"),
        ("ALLOWED_ORIGINS", "www.hospital.example"),
        ("ALLOWED_ORIGINS", "https://www.hospital.example/chat"),
        ("ALLOWED_ORIGINS", "null"),
        ("TRUSTED_PROXIES", "10.0.0.1, proxy"),
        ("TRUSTED_PROXIES", "10.0.0.0/99"),
        ("RATE_STORAGE", "redis"),
        ("RATE_STORAGE", "file:///tmp/rates"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv(f"FAMILY_GUIDE_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_every_setting_of_a_messaging_channel_is_documented():
    documented = (ROOT / "deploy" / "channels.env.example").read_text("utf-8")
    missing = [n for n in MessagingSettings.__fields__ if f"FAMILY_GUIDE_{n.upper()}=" not in documented]
    assert missing == []


def test_every_variable_that_the_program_names_is_documented():
    documented = "".join(
        (ROOT / file).read_text("utf-8")
        for file in ("docs/settings.md", "docs/staff-guide.md", "deploy/channels.env.example", "deploy/.env.example")
    )
    # The guide names some together: `FAMILY_GUIDE_STAFF_PORT`, `_HOST`.
    short = {f"FAMILY_GUIDE_STAFF{name}" for name in re.findall(r"`(_[A-Z_]+)`", documented)}
    files = [f for part in ("family_guide", "actions", "staff", "deploy") for f in (ROOT / part).rglob("*.*")]
    program = {f: f.read_text("utf-8") for f in files if f.suffix in (".py", ".yml") and ".venv" not in f.parts}
    named = {name for text in program.values() for name in re.findall(r"\bFAMILY_GUIDE_[A-Z_]*[A-Z]\b", text)}
    missing = {n for n in named if n not in documented} - short - PREFIXES
    assert missing == set()


def test_a_variable_that_does_not_exist_is_not_documented():
    documented = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `FAMILY_GUIDE_([A-Z_]+)`", documented, re.MULTILINE))
    assert rows == {name.upper() for name in Settings.__fields__}


@pytest.mark.parametrize(("name", "default"), [("PORT", "5005"), ("RATE_STORAGE", "memory://"), ("MAX_CHARS", "2000")])
def test_the_documented_default_is_the_real_one(name, default):
    documented = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert f"| `FAMILY_GUIDE_{name}` | `{default}` |" in documented
    assert str(Settings.__fields__[name.lower()].default) == default


def test_a_file_of_secrets_sets_what_the_environment_does_not(tmp_path, monkeypatch):
    (tmp_path / "family_guide_secret").write_text("from a file\n")
    assert Settings(_secrets_dir=str(tmp_path)).secret == "from a file"
    monkeypatch.setenv("FAMILY_GUIDE_SECRET", "from the environment")
    assert Settings(_secrets_dir=str(tmp_path)).secret == "from the environment"


def test_origins_are_read_as_browsers_write_them(monkeypatch):
    monkeypatch.setenv("FAMILY_GUIDE_ALLOWED_ORIGINS", "https://WWW.Hospital.example/, http://localhost:8000")
    assert Settings().allowed_origins == "https://www.hospital.example,http://localhost:8000"
