"""A trained model is used only while it is the file that was trained."""

import pytest

from family_guide import training
from family_guide.training import TrainingError, hash_file, is_as_trained, model_path, trained_model


@pytest.fixture
def no_training(monkeypatch):
    """Have Rasa train nothing."""
    monkeypatch.setattr(training.subprocess, "run", lambda *_, **__: None)


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


def test_a_model_of_an_earlier_version_gets_its_hash_at_the_first_use(tmp_path, no_training):
    model = put(tmp_path)
    hash_file(model).unlink()
    assert trained_model(tmp_path) == model
    model.write_bytes(b"other")
    assert not is_as_trained(model)
