"""The production profile: nothing starts with a missing or a default secret, and it says which."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from family_guide.profile import profile_problems
from family_guide.releases import new_keys
from family_guide.secret_files import make_secrets
from family_guide.settings import ROOT, Settings

GOOD = {
    "profile": "production",
    "secret": "N0tGuessable-9fjQwzXkLmTyU3v8bD5rH7",
    "database_url": "postgresql://family_guide:9fjQwzXkLmTyU3v8bD5r@postgres/family_guide",
    "rate_storage": "redis://:4kPzWq8sLmXyU3v6bD1r@redis:6379/0",
    "redis_url": "redis://:4kPzWq8sLmXyU3v6bD1r@redis:6379/1",
    "release_public_key": new_keys()[1],
    "releases": "/releases",
    "trusted_proxies": "172.30.7.2",
}


def problems(environment=(), **changed):
    return profile_problems(Settings(**{**GOOD, **changed}), dict(environment))


def test_a_complete_profile_starts():
    assert problems() == []


def test_one_machine_needs_nothing():
    assert profile_problems(Settings(), {}) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secret", ""),
        ("secret", "changeme"),
        ("secret", "changeme-changeme-changeme-changeme-changeme"),
        ("secret", "a" * 64),
        ("secret", "tooshort-9fjQwzXk"),
        ("database_url", ""),
        ("database_url", "sqlite:///conversations.db"),
        ("database_url", "postgresql://family_guide@postgres/family_guide"),
        ("database_url", "postgresql://postgres:postgres@postgres/family_guide"),
        ("database_url", "postgresql://family_guide:family_guide-password@postgres/x"),
        ("rate_storage", "memory://"),
        ("redis_url", ""),
        ("redis_url", "redis://:redispassword@redis:6379/1"),
        ("rate_storage", "redis://redis:6379/0"),
        ("release_public_key", ""),
        ("release_public_key", "0x12"),
        ("releases", None),
        ("trusted_proxies", ""),
        ("max_chars", 0),
        ("retention_days", 0),
        ("session_hours", 0),
    ],
)
def test_what_is_missing_or_a_default_is_named(name, value):
    [problem] = problems(**{name: value})
    assert problem.startswith(f"FAMILY_GUIDE_{name.upper()} ")
    if value and name != "max_chars":
        assert str(value) not in problem, "a secret is not shown"


def test_both_rates_must_be_limited():
    [problem] = problems(rate_per_session=0)
    assert "FAMILY_GUIDE_RATE_PER_SESSION" in problem


def test_a_word_that_we_choose_for_a_platform_must_not_be_guessable():
    assert problems({"FAMILY_GUIDE_TELEGRAM_SECRET": "9fjQwzXkLmTyU3v8bD5r"}) == []
    [problem] = problems({"FAMILY_GUIDE_TELEGRAM_SECRET": "telegram-secret"})
    assert problem.startswith("FAMILY_GUIDE_TELEGRAM_SECRET ")


def test_the_command_refuses_and_names_every_one_of_them(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "family_guide", "run"],
        cwd=ROOT,
        env={**os.environ, "FAMILY_GUIDE_PROFILE": "production", "FAMILY_GUIDE_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    named = {line.split()[0] for line in done.stderr.splitlines() if line.startswith("FAMILY_GUIDE_")}
    assert named == {
        f"FAMILY_GUIDE_{name}"
        for name in (
            "SECRET",
            "DATABASE_URL",
            "RATE_STORAGE",
            "REDIS_URL",
            "RELEASE_PUBLIC_KEY",
            "RELEASES",
            "TRUSTED_PROXIES",
        )
    }
    assert list(tmp_path.iterdir()) == [], "nothing was made, such as a secret of its own"


def test_a_value_that_does_not_fit_is_named_without_a_traceback():
    done = subprocess.run(
        [sys.executable, "-m", "family_guide", "run"],
        cwd=ROOT,
        env={**os.environ, "FAMILY_GUIDE_PORT": "none", "FAMILY_GUIDE_PROFILE": "fast"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stderr.splitlines() if line.startswith("FAMILY")] == [
        "FAMILY_GUIDE_PROFILE",
        "FAMILY_GUIDE_PORT",
    ]
    assert "Traceback" not in done.stderr


def made_secrets(folder: Path) -> dict[str, str]:
    said = list(make_secrets(folder))
    key = said[-1].removeprefix("FAMILY_GUIDE_RELEASE_PUBLIC_KEY=")
    return {"release_public_key": key, **{file.name: file.read_text() for file in folder.iterdir()}}


def test_made_secrets_satisfy_the_profile_and_differ_each_time(tmp_path, monkeypatch):
    first, second = made_secrets(tmp_path / "a"), made_secrets(tmp_path / "b")
    assert all(first[name] != second[name] for name in first)
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0
    settings = Settings(
        _secrets_dir=str(tmp_path / "a"),
        profile="production",
        releases="/releases",
        trusted_proxies="172.30.7.2",
        release_public_key=first["release_public_key"],
    )
    assert settings.secret == first["family_guide_secret"]
    assert profile_problems(settings, {}) == []


def test_secrets_are_never_made_again_over_the_old(tmp_path):
    done = [
        subprocess.run(
            [sys.executable, "-m", "family_guide", "make-secrets", str(tmp_path / "secrets")],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        for _ in range(2)
    ]
    assert [one.returncode for one in done] == [0, 1]
    assert "is there already" in done[1].stderr
