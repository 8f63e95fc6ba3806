"""The encoder's last layers learn, in either precision."""

import numpy as np
import pytest

from family_guide.nlu import fine_tuning
from family_guide.nlu.fine_tuning import FineTuner, TuningPlan, multiplies_halves
from tests.nlu.small_model import CONFIG, LAYERS, weights

PLAN = TuningPlan(layers=1, epochs=6, batch=16, rate=1e-3, head_rate=1e-2, smoothing=0.1, C=1.0)


def phrases():
    """Two labels whose phrases have no word in common, of different lengths."""
    random = np.random.default_rng(6)
    ids = [list(random.integers(20 * (i % 2), 20 * (i % 2) + 20, 3 + i % 7)) for i in range(64)]
    return ids, np.arange(64) % 2


@pytest.fixture(params=[True, False], ids=["16 bits", "32 bits"])
def tuner(request, monkeypatch):
    # Processors without a unit for it multiply halves too, only slowly.
    monkeypatch.setattr(fine_tuning, "multiplies_halves", lambda: request.param)
    ids, wanted = phrases()
    return FineTuner(weights(), CONFIG, ids, wanted, 2, PLAN, np.arange(8))


def test_it_learns_and_changes_the_last_layer_alone(tuner):
    ids, wanted = phrases()
    rows = np.arange(len(ids))
    tuner.learn(rows, PLAN.epochs)
    coefficients, intercepts = tuner.head()
    scores = tuner.embed(rows) @ coefficients.T + intercepts
    assert (scores.argmax(axis=1) == wanted).mean() >= 0.95
    changed = tuner.changed()
    assert changed
    assert all(name.startswith(f"encoder.layer.{LAYERS - 1}.") for name in changed)
    before = weights()
    name = f"encoder.layer.{LAYERS - 1}.output.dense.weight"
    assert not np.allclose(changed[name], before[name], atol=1e-4)


def mistyped_tuner():
    """Return phrases of one label each way, and a tuner whose mistyped phrases have words of their own."""
    ids, wanted = phrases()
    typed = [[word % 20 + 20 * (1 - label) for word in some] for some, label in zip(ids, wanted, strict=True)]
    return ids, wanted, FineTuner(weights(), CONFIG, ids, wanted, 2, PLAN, np.arange(8), typed)


def test_each_phrase_is_shown_mistyped_in_its_turn():
    ids, _, tuner = mistyped_tuner()
    rows = np.arange(10, len(ids))
    shown = list(tuner._mistyped(rows, 0.25, 4))
    assert all((np.where(some < len(ids), some, some - len(ids)) == rows).all() for some in shown)
    assert (sum(some >= len(ids) for some in shown) == 1).all()
    assert all(0 < (some >= len(ids)).sum() < len(rows) / 2 for some in shown)


def test_what_is_shown_mistyped_is_what_is_learned():
    ids, wanted, tuner = mistyped_tuner()
    rows = np.arange(len(ids))
    # Mistyped, every phrase looks like one of the other label.
    tuner.learn(rows, PLAN.epochs, mistyped=1.0)
    coefficients, intercepts = tuner.head()
    scores = tuner.embed(rows) @ coefficients.T + intercepts
    assert (scores.argmax(axis=1) == wanted).mean() <= 0.3


def test_phrases_that_were_not_given_mistyped_cannot_be_shown_so(tuner):
    with pytest.raises(ValueError, match="mistyped"):
        tuner.learn(np.arange(8), 1, mistyped=0.5)


def test_both_precisions_understand_alike(monkeypatch):
    ids, wanted = phrases()
    found = []
    for halves in (True, False):
        monkeypatch.setattr(fine_tuning, "multiplies_halves", lambda halves=halves: halves)
        found.append(FineTuner(weights(), CONFIG, ids, wanted, 2, PLAN, np.arange(8)).embed(np.arange(len(ids))))
    assert (found[0] * found[1]).sum(axis=1).min() > 0.999


@pytest.mark.parametrize(
    ("flags", "has"), [("fma amx_bf16 avx512f amx_tile", True), ("avx512f avx512_bf16", True), ("fma avx512f", False)]
)
def test_the_processor_says_whether_it_multiplies_halves(tmp_path, monkeypatch, flags, has):
    about = tmp_path / "cpuinfo"
    about.write_text(f"model name: one\nflags: {flags}\n")
    monkeypatch.setattr(fine_tuning, "_PROCESSOR", about)
    assert multiplies_halves() is has


def test_where_nothing_is_said_of_the_processor_learning_is_in_32_bits(tmp_path, monkeypatch):
    monkeypatch.setattr(fine_tuning, "_PROCESSOR", tmp_path / "none")
    assert multiplies_halves() is False
