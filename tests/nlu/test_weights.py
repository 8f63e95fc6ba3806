"""Only the weights that the configuration expects are used, wherever they lie."""

import numpy as np
import pytest

from benchmarks.understanding import configured
from family_guide.nlu.classifier import QuestionClassifier
from family_guide.nlu.sentence_encoder import SentenceEncoder
from family_guide.nlu.weights import Original, WeightsError, packaged_folder
from family_guide.settings import settings
from tests.nlu import small_model
from tests.nlu.conftest import message, training_data

TEXTS = ["w1 w2 w3", "w4", "", "w5 w6 w7 w8 w9 w10 w11 and what it does not know", "w1 w2 w3"]


@pytest.fixture
def small(tmp_path):
    folder = tmp_path / "small"
    return folder, small_model.write(folder)


def test_the_weights_of_the_locked_package_are_those_that_the_configuration_expects():
    original = Original(packaged_folder(), configured(QuestionClassifier)["weights_sha256"], 96)
    assert original.config["hidden_size"] == 384
    assert len(original.ids(["can it spread " * 100])[0]) == 96


def test_other_weights_are_refused_with_what_to_do(small):
    folder, found = small
    with pytest.raises(WeightsError) as error:
        Original(folder, "0" * 64, 16)
    for told in (str(folder / "model.safetensors"), found, "0" * 64, "weights_sha256"):
        assert told in str(error.value)


def test_a_single_changed_bit_is_noticed(small):
    folder, expected = small
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "model.safetensors").write_bytes(data)
    with pytest.raises(WeightsError, match="SHA-256"):
        Original(folder, expected, 16)


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json", "config.json"])
def test_a_missing_file_is_named_with_the_setting(small, file):
    folder, expected = small
    (folder / file).unlink()
    with pytest.raises(WeightsError, match=rf"{file} is missing.*FAMILY_GUIDE_WEIGHTS"):
        Original(folder, expected, 16)


@pytest.mark.parametrize("eight_bits", [False, True])
def test_a_text_has_the_same_vector_whatever_stands_beside_it(small, eight_bits):
    encoder = SentenceEncoder(Original(*small, 16), eight_bits=eight_bits)
    rows = encoder.encode(TEXTS)
    assert rows.shape == (len(TEXTS), encoder.size)
    assert np.linalg.norm(rows[:2], axis=1) == pytest.approx(1, abs=1e-5)
    for text, row in zip(TEXTS, rows, strict=True):
        assert encoder.encode([text])[0] == pytest.approx(row, abs=1e-5, nan_ok=True)
    assert encoder.encode([]).shape == (0, encoder.size)


def test_whole_numbers_change_a_vector_little(small):
    original = Original(*small, 16)
    exact, whole = (SentenceEncoder(original, eight_bits=bits).encode(TEXTS[:2]) for bits in (False, True))
    assert (exact * whole).sum(axis=1).min() > 0.99


def test_what_learned_replaces_the_original(small):
    original = Original(*small, 16)
    name = "encoder.layer.1.output.dense.bias"
    other = SentenceEncoder(original, {name: np.full(small_model.SIZE, 3, np.float16)}).encode(TEXTS[:1])
    assert not np.allclose(other, SentenceEncoder(original).encode(TEXTS[:1]))


@pytest.mark.parametrize(
    "changed", [{"no.such.tensor": np.zeros(3)}, {"encoder.layer.1.output.dense.bias": np.zeros(3)}]
)
def test_what_learned_on_another_model_is_refused(small, changed):
    with pytest.raises(WeightsError, match="Train it again"):
        SentenceEncoder(Original(*small, 16), changed)


def test_the_classifier_takes_another_model_from_the_folder_of_the_setting(small, create, monkeypatch):
    folder, sha256 = small
    monkeypatch.setenv("FAMILY_GUIDE_WEIGHTS", str(folder))
    settings.cache_clear()
    try:
        made = create(QuestionClassifier, weights_sha256=sha256, max_tokens=16)
        made.train(training_data())
        loaded = create(QuestionClassifier, load=True, weights_sha256=sha256, max_tokens=16)
        (parsed,) = loaded.process([message("can it spread")])
        assert parsed.get("intent_ranking")
        with pytest.raises(WeightsError):
            create(QuestionClassifier, weights_sha256="1" * 64).train(training_data())
    finally:
        monkeypatch.undo()
        settings.cache_clear()
