"""The table and the plots of `benchmarks.peers`."""

from collections.abc import Mapping
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt

from family_guide.settings import ROOT

README = ROOT / "benchmarks" / "README.md"
PICTURE = ROOT / "docs" / "pictures" / "peers.png"
BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"
OURS = "family_guide"
TARGETS = {
    "messages a second and core": ("at least 5 times Rasa's default", lambda r: r >= 5),
    "question, 1 family, p95 (ms)": ("at most half of Rasa's default", lambda r: r <= 0.5),
    "memory of the server (MB)": ("at most 0.7 of Rasa's default", lambda r: r <= 0.7),
}


def rows(figures: Mapping[str, Any]) -> dict[str, dict[str, float | None]]:
    """Return each figure by its name, for every peer."""
    found: dict[str, dict[str, float | None]] = {}

    def row(name: str, get: Any) -> None:
        found[name] = {}
        for peer, measured in figures.items():
            try:
                found[name][peer] = get(measured)
            except KeyError:
                found[name][peer] = None

    row("training (s)", lambda m: m["training"]["seconds"])
    row("training (seconds of a core)", lambda m: m["training"]["processor_seconds"])
    row("start (s)", lambda m: m["seconds_to_start"])
    row("memory of the server (MB)", lambda m: m["megabytes"])
    row("memory with the action server (MB)", lambda m: m["megabytes_with_action_server"])
    for kind, shown in (("question", "question"), ("step", "step of the symptom check")):
        for families in ("1", "8", "32"):
            for q in ("p50", "p95", "p99"):
                many = "1 family" if families == "1" else f"{families} families"
                row(f"{shown}, {many}, {q} (ms)", lambda m, k=kind, f=families, q=q: m["latency"][k][f][q])
    row("messages a second and core", lambda m: m["messages_per_core_second"])
    row("installation (MB)", lambda m: m["installed_megabytes"])
    row("test questions right at once", lambda m: m["understanding"]["right"])
    row("test questions answered wrongly", lambda m: m["understanding"]["wrong"])
    return found


def table(figures: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return the table in Markdown: each peer's figure, and its ratio to ours."""
    others = [peer for peer in figures if peer != OURS]
    lines = ["| | " + " | ".join([names[OURS], *(f"{names[p]} (ours / theirs)" for p in others)]) + " |"]
    lines.append("|---" * (len(others) + 2) + "|")
    for name, by_peer in rows(figures).items():
        cells = [_shown(by_peer[OURS])]
        for peer in others:
            theirs, ours = by_peer[peer], by_peer[OURS]
            ratio = f" ({ours / theirs:.2g})" if theirs and ours is not None else ""
            cells.append(f"{_shown(theirs)}{ratio}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def verdicts(figures: Mapping[str, Any]) -> str:
    """Return each target with the figure and whether it is met, in Markdown."""
    by_name = rows(figures)
    lines = []
    for name, (target, met) in TARGETS.items():
        ratio = by_name[name][OURS] / by_name[name]["default"]
        lines.append(f"- {name}: {target}. Measured {ratio:.2g} times: {'met' if met(ratio) else '**missed**'}.")
    for name, most in (
        ("question, 1 family, p95 (ms)", 25.0),
        ("start (s)", 15.0),
        ("training (s)", 90.0),
    ):
        value = by_name[name][OURS]
        if value is not None:
            lines.append(f"- {name}: at most {most:g}. Measured {value:g}: {'met' if value <= most else '**missed**'}.")
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if 0 < value < 1 else f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def write_report(figures: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Put the table into the README, between its marks, and draw the plots."""
    text = README.read_text("utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    epochs = figures["default"].get("training", {}).get("epochs")
    note = (
        f"\n\nRasa's default was trained with {epochs} of its 100 epochs: its training time "
        "is that of the shorter run, and it might understand more after a full one. Serving costs the same."
        if epochs
        else ""
    )
    picture = "![Latency, throughput, memory and start beside peers](../docs/pictures/peers.png)"
    middle = f"\n{table(figures, names)}\n\n{verdicts(figures)}{note}\n\n{picture}\n"
    README.write_text(f"{before}{BEGIN}{middle}{END}{after}", "utf-8")
    draw(figures, names)


def draw(figures: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Draw latency, messages per core, memory and start of all peers."""
    by_name = rows(figures)
    peers = list(figures)
    colours = ["#1b6ca8", "#c0392b", "#d68910", "#7f8c8d"]
    fig, axes = plt.subplots(2, 2, figsize=(12, 8))
    for number, peer in enumerate(peers):
        for style, kind in (("-", "question"), ("--", "step of the symptom check")):
            values = [by_name[f"{kind}, {f}, p95 (ms)"][peer] for f in ("1 family", "8 families", "32 families")]
            label = f"{names[peer]}: {kind}" if number < 3 else f"{names[peer]}"
            axes[0, 0].plot([1, 8, 32], values, style, color=colours[number], marker="o", label=label)
    axes[0, 0].set(xscale="log", yscale="log", title="p95 over HTTP", xlabel="families at once", ylabel="ms")
    axes[0, 0].set_xticks([1, 8, 32], ["1", "8", "32"])
    axes[0, 0].legend(fontsize=7)
    for axis, name in (
        (axes[0, 1], "messages a second and core"),
        (axes[1, 0], "memory with the action server (MB)"),
        (axes[1, 1], "start (s)"),
    ):
        values = [by_name[name][peer] or 0 for peer in peers]
        bars = axis.barh([names[p] for p in peers], values, color=colours)
        axis.bar_label(bars, fmt="%.4g", padding=3)
        axis.set(title=name)
        axis.invert_yaxis()
        if name.startswith("messages"):
            axis.set_xscale("log")
        axis.tick_params(axis="y", labelsize=8)
        axis.margins(x=0.15)
    fig.tight_layout()
    fig.savefig(PICTURE, dpi=110)
    plt.close(fig)
