"""A release is made only of a model that passes, signed with a key that servers know."""

import pytest

from family_guide import rolling
from family_guide.releases import ReleaseError, Releases, new_keys
from family_guide.rolling import GATE_MODEL, release
from family_guide.settings import ROOT, Settings

GATES = {
    "passes": "def test_it(): import os; assert os.environ['FAMILY_GUIDE_GATE_MODEL'].endswith('model.tar.gz')",
    "fails": "def test_it(): assert False",
    "finds no test": "",
}


@pytest.fixture
def made(tmp_path, monkeypatch):
    signing, public = new_keys()
    (tmp_path / "key").write_text(signing + "\n")
    model = tmp_path / "model.tar.gz"
    model.write_bytes(b"model")
    monkeypatch.setattr(rolling, "trained_model", lambda folder: model)
    settings = Settings(releases=tmp_path / "releases", release_signing_key=tmp_path / "key", var=tmp_path)
    return Releases(tmp_path / "releases", public), settings


def gate(tmp_path, monkeypatch, what):
    file = tmp_path / "test_gate.py"
    file.write_text(GATES[what])
    monkeypatch.setattr(rolling, "GATE", (str(file),))


def test_a_model_that_passes_is_signed_and_stored_but_not_yet_current(made, tmp_path, monkeypatch):
    gate(tmp_path, monkeypatch, "passes")
    releases, settings = made
    name = release(releases, settings)
    assert releases.checked(name).passed == rolling.GATE
    with pytest.raises(ReleaseError, match="No release is current"):
        releases.current()


@pytest.mark.parametrize("what", ["fails", "finds no test"])
def test_a_model_that_does_not_pass_is_not_released(made, tmp_path, monkeypatch, what):
    gate(tmp_path, monkeypatch, what)
    releases, settings = made
    with pytest.raises(ReleaseError, match="did not pass"):
        release(releases, settings)
    assert releases.names() == []


def test_without_a_key_nothing_is_trained(made, tmp_path, monkeypatch):
    monkeypatch.setattr(rolling, "trained_model", lambda folder: pytest.fail("trained"))
    releases, settings = made
    with pytest.raises(ReleaseError, match="FAMILY_GUIDE_RELEASE_SIGNING_KEY is not set"):
        release(releases, settings.copy(update={"release_signing_key": None}))
    with pytest.raises(ReleaseError, match="cannot be read"):
        release(releases, settings.copy(update={"release_signing_key": tmp_path / "none"}))


def test_the_gate_is_the_conversation_tests_and_the_evaluation():
    assert all((ROOT / file).is_file() for file in rolling.GATE)
    assert {file.rsplit("/", 1)[1] for file in rolling.GATE} == {"test_conversations.py", "test_understanding.py"}
    assert GATE_MODEL in (ROOT / "docs" / "settings.md").read_text("utf-8")
