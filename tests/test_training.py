"""A trained model is used only while it is the file that was trained."""

import subprocess

import pytest

from family_guide import training
from family_guide.training import TrainingError, hash_file, is_as_trained, model_path, trained_model


def ends_with(monkeypatch, status):
    """Have the process that trains make nothing and end so."""
    done = subprocess.CompletedProcess([], status)
    monkeypatch.setattr(training.subprocess, "run", lambda *_, **__: done)


@pytest.fixture
def no_training(monkeypatch):
    """Have Rasa train nothing."""
    ends_with(monkeypatch, 0)


def put(folder, content=b"model"):
    model = model_path(folder)
    model.write_bytes(content)
    hash_file(model).write_text(training.sha256_of(model) + "\n")
    return model


def test_the_model_is_used_as_long_as_its_hash_fits(tmp_path, no_training):
    model = put(tmp_path)
    assert trained_model(tmp_path) == model


def test_a_changed_model_is_not_used_but_trained_again(tmp_path, no_training):
    model = put(tmp_path)
    model.write_bytes(b"other")
    assert not is_as_trained(model)
    with pytest.raises(TrainingError):
        trained_model(tmp_path)
    assert not model.exists()


@pytest.mark.parametrize(
    ("status", "said"),
    [(-9, "stopped by SIGKILL.*memory"), (-15, "stopped by SIGTERM"), (1, "lines above"), (0, "lines above")],
)
def test_training_that_makes_no_model_says_why(tmp_path, monkeypatch, status, said):
    ends_with(monkeypatch, status)
    with pytest.raises(TrainingError, match=said):
        trained_model(tmp_path)


def test_a_model_of_an_earlier_version_gets_its_hash_at_the_first_use(tmp_path, no_training):
    model = put(tmp_path)
    hash_file(model).unlink()
    assert trained_model(tmp_path) == model
    model.write_bytes(b"other")
    assert not is_as_trained(model)
