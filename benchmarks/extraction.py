"""How well the extraction finds symptoms, negation, body part, side and duration.

    python -m benchmarks.extraction validation --errors
    python -m benchmarks.extraction test

`validation` is for choosing and mending: tests/questions/extraction.yml, whose two halves were both written apart
from the rules; the second was the test half of an earlier measurement. `test` is for reporting only:
tests/questions/extraction_test.yml, of which no sentence is ever shown, whatever the flags.
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from family_guide.symptoms import Finding
from family_guide.symptoms.durations import DAYS
from family_guide.symptoms.extractor import Extractor

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "tests" / "questions"
VOCABULARY = ROOT / "content" / "symptoms.yml"
FIELDS = ("symptom", "negation", "body part", "side", "duration")
SYMPTOMS = {"lump", "pain", "growing", "limping", "less_movement"}

Facts = dict[str, set[tuple[Any, ...]]]


def expected(entry: dict[str, Any]) -> Facts:
    """Return the facts that a sentence holds, per field."""
    facts: Facts = {field: set() for field in FIELDS}
    for symptom in entry["symptoms"]:
        name = symptom["name"]
        facts["symptom"].add((name,))
        facts["negation"].add((name, symptom["status"]))
        if symptom.get("body_part"):
            facts["body part"].add((name, symptom["body_part"]))
        if symptom.get("side"):
            facts["side"].add((name, symptom["side"]))
    if entry.get("duration"):
        days = sum(DAYS[unit.rstrip("s")] * amount for unit, amount in entry["duration"].items())
        facts["duration"].add((round(days / 7 if days >= 60 else days),))
    return facts


def found(findings: list[Finding]) -> Facts:
    """Return the facts that the extraction found, per field; what is only asked about is none."""
    facts: Facts = {field: set() for field in FIELDS}
    for finding in findings:
        if finding.kind == "symptom" and finding.name in SYMPTOMS and finding.status != "asked":
            facts["symptom"].add((finding.name,))
            facts["negation"].add((finding.name, finding.status))
            if finding.body_part:
                facts["body part"].add((finding.name, finding.body_part))
            if finding.side:
                facts["side"].add((finding.name, finding.side))
    for finding in findings:
        if finding.kind == "duration" and not facts["duration"]:
            days = finding.amount * DAYS[finding.name]
            facts["duration"].add((round(days / 7 if days >= 60 else days),))
    return facts


def main() -> None:
    """Print precision and recall per field for one part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=("validation", "test"))
    parser.add_argument("--errors", action="store_true", help="show what was missed; for the validation part only")
    options = parser.parse_args()
    name = "extraction_test.yml" if options.part == "test" else "extraction.yml"
    halves = yaml.safe_load((QUESTIONS / name).read_text("utf-8"))
    entries = [entry for half in halves.values() for entry in half]
    extract = Extractor(VOCABULARY).extract
    right: Counter[str] = Counter()
    said: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for entry in entries:
        want, got = expected(entry), found(extract(entry["text"]))
        for field in FIELDS:
            right[field] += len(want[field] & got[field])
            said[field] += len(got[field])
            there[field] += len(want[field])
        if options.errors and options.part == "validation" and want != got:
            print(entry["text"])
            for field in FIELDS:
                if want[field] != got[field]:
                    print(f"    {field}: missed {want[field] - got[field]}, wrong {got[field] - want[field]}")
    print(f"{options.part}: {len(entries)} sentences")
    print(f"{'field':12}{'precision':>10}{'recall':>8}{'of':>6}")
    for field in FIELDS:
        precision, recall = right[field] / max(1, said[field]), right[field] / max(1, there[field])
        print(f"{field:12}{precision:10.3f}{recall:8.3f}{there[field]:6}")


if __name__ == "__main__":
    main()
