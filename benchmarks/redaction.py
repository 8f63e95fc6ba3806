"""Measure the redaction: recall on identifying messages, harm on harmless ones.

python -m benchmarks.redaction                  the validation half, with what went wrong
python -m benchmarks.redaction --part test      the held-out half, totals only
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from family_guide.privacy import redact

QUESTIONS = Path(__file__).resolve().parent.parent / "tests" / "questions" / "redaction.yml"
TARGETS = {"patterned": 0.97, "names": 0.90, "harmless": 0.02}
"""Least recall of patterned identifiers and of names; most of the harmless messages changed."""


def measure(items: list[dict[str, Any]]) -> tuple[dict[str, float], list[str]]:
    """Return the figures for messages, and a line for each mistake.

    Args:
        items: with `text`, `hide` (what must be gone) and `kinds` (of what kind each is).

    Returns:
        Recall of `patterned` identifiers and `names` and the share of `harmless`
        messages changed, each from 0 to 1, the recall of each kind, and the
        milliseconds a message takes at the median.
    """
    asked: Counter[str] = Counter()
    hidden: Counter[str] = Counter()
    harmless = changed = 0
    mistakes = []
    seconds = []
    for item in items:
        start = time.perf_counter()
        text = redact(item["text"]).text
        seconds.append(time.perf_counter() - start)
        if not item["hide"]:
            harmless += 1
            if text != item["text"]:
                changed += 1
                mistakes.append(f"changed: {item['text']!r} -> {text!r}")
        for secret, kind in zip(item["hide"], item["kinds"], strict=True):
            asked[kind] += 1
            if secret in text:
                mistakes.append(f"missed {kind} {secret!r}: {text!r}")
            else:
                hidden[kind] += 1
    patterned = [kind for kind in asked if kind != "name"]
    figures = {
        "patterned": _share(sum(hidden[kind] for kind in patterned), sum(asked[kind] for kind in patterned)),
        "names": _share(hidden["name"], asked["name"]),
        "harmless": _share(changed, harmless),
        "milliseconds": sorted(seconds)[len(seconds) // 2] * 1000,
    }
    figures |= {f"recall of {kind}": _share(hidden[kind], asked[kind]) for kind in sorted(asked)}
    return figures, mistakes


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def main() -> int:
    """Print the figures of one part; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=["validation", "test"], default="validation")
    part = parser.parse_args().part
    items = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))[part]
    figures, mistakes = measure(items)
    for name, figure in figures.items():
        print(f"{name:32} {figure:.3f}")
    if part == "validation":
        print("\n".join(mistakes))
    return int(
        figures["patterned"] < TARGETS["patterned"]
        or figures["names"] < TARGETS["names"]
        or figures["harmless"] > TARGETS["harmless"]
    )


if __name__ == "__main__":
    raise SystemExit(main())
