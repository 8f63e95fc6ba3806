"""Pictures of the report: confidence against accuracy, and what is taken for what."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np

from benchmarks.metrics import Outcome, calibration_error, reliability

matplotlib.use("Agg")
from matplotlib import pyplot as plt


def draw_reliability(outcomes: Sequence[Outcome], target: Path) -> None:
    """Draw accuracy against confidence, one point per bin, its size the share of messages."""
    confidence, accuracy, size = (np.array(values) for values in zip(*reliability(outcomes), strict=True))
    figure, axes = plt.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", label="as sure as right")
    axes.scatter(confidence, accuracy, s=1500 * size, alpha=0.6)
    axes.plot(confidence, accuracy)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share that is right")
    axes.set_title(f"Expected calibration error {calibration_error(outcomes):.3f}")
    axes.legend(loc="upper left")
    figure.savefig(target, dpi=110, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)


def draw_confusions(outcomes: Sequence[Outcome], target: Path) -> None:
    """Draw which labels are taken for which; the diagonal, what is right, is left out."""
    labels = sorted({o.expected for o in outcomes} | {o.likeliest for o in outcomes})
    place = {label: i for i, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)))
    for outcome in outcomes:
        if outcome.expected != outcome.likeliest:
            counts[place[outcome.expected], place[outcome.likeliest]] += 1
    figure, axes = plt.subplots(figsize=(18, 18))
    shown = axes.imshow(counts, cmap="Reds")
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=7)
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.set(xlabel="taken for", ylabel="asked")
    figure.colorbar(shown, shrink=0.5, label="test questions")
    figure.savefig(target, dpi=70, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
