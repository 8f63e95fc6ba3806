"""Measure the redaction: recall on identifying messages, harm on harmless ones.

python -m benchmarks.redaction                  the development messages, with what went wrong
python -m benchmarks.redaction --part test      the held-out messages, totals only
python -m benchmarks.redaction --write          both, into benchmarks/results/redaction.json
python -m benchmarks.redaction --others         how many messages of the other frozen questions are changed

A name counts as hidden when no word of it is left. The rules were written with the development messages in sight, so
their figures say only that nothing was broken. Nobody who works on the rules
reads the test messages.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from family_guide.privacy import redact

_QUESTIONS = Path(__file__).resolve().parent.parent / "tests" / "questions"
PARTS = {
    "development": tuple(
        _QUESTIONS / f"{name}.yml"
        for name in ("redaction", "redaction_test", "redaction_unseen", "redaction_fresh", "redaction_look_alikes")
    ),
    "test": (_QUESTIONS / "redaction_held_out.yml",),
}
OTHERS = ("validation", "test", "out_of_scope", "safety", "conversations", "red_team", "extraction", "extraction_test")
"""Frozen questions that were written for other ends, where hardly a message names anybody."""
RESULTS = Path(__file__).resolve().parent / "results" / "redaction.json"
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
            if _survives(secret, kind, text):
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


def _survives(secret: str, kind: str, text: str) -> bool:
    """Return whether a part to hide is still there; of a name, whether any word of it is."""
    if kind != "name":
        return secret in text
    return any(re.search(rf"(?<!\w){re.escape(word)}", text) for word in secret.split())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def read_items(part: str) -> list[dict[str, Any]]:
    """Return the messages of a part, of all the lists in its files."""
    contents = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in PARTS[part]]
    return [item for content in contents for items in content.values() for item in items]


def changed_others() -> tuple[int, int]:
    """Return how many messages of the other frozen questions are changed, and how many there are."""
    files = [yaml.safe_load((_QUESTIONS / f"{name}.yml").read_text(encoding="utf-8")) for name in OTHERS]
    messages = {text for content in files for text in _sentences(content)}
    return sum(redact(text).text != text for text in messages), len(messages)


def _sentences(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        if " " in content:
            yield content
    elif isinstance(content, (list, dict)):
        for part in content.values() if isinstance(content, dict) else content:
            yield from _sentences(part)


def met(figures: dict[str, float]) -> bool:
    """Return whether figures reach every target."""
    return (
        figures["patterned"] >= TARGETS["patterned"]
        and figures["names"] >= TARGETS["names"]
        and figures["harmless"] <= TARGETS["harmless"]
    )


def main() -> int:
    """Print the figures of one part, or write those of both; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=sorted(PARTS), default="development")
    parser.add_argument("--write", action="store_true", help=f"measure every part and write {RESULTS.name}")
    parser.add_argument("--others", action="store_true", help="count changes in messages written for other ends")
    arguments = parser.parse_args()
    if arguments.others:
        changed, whole = changed_others()
        print(f"{changed} of {whole} messages changed ({changed / whole:.2%})")
        return 0
    parts = sorted(PARTS) if arguments.write else [arguments.part]
    results = {}
    for part in parts:
        items = read_items(part)
        figures, mistakes = measure(items)
        results[part] = {"messages": len(items), **{name: round(figure, 4) for name, figure in figures.items()}}
        print(f"{part}: {len(items)} messages")
        for name, figure in figures.items():
            print(f"  {name:32} {figure:.3f}")
        if part == "development":
            print("\n".join(mistakes))
    if arguments.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps({"targets": TARGETS, **results}, indent=2) + "\n", encoding="utf-8")
    return 0 if all(met(figures) for figures in results.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
