"""How well the emergency and crisis rules do, by themselves, on questions written apart.

    python benchmarks/safety.py                     the validation part: figures and the misses
    python benchmarks/safety.py test                the test part: figures only, never a sentence
    python benchmarks/safety.py development         the sentences the rules were developed on
    python benchmarks/safety.py --real-words LIST   rewrite the list of correct words near a rule word

Recall of a kind: messages of that kind in which that kind is found (first or beside the other).
False alarms: harmless messages in which any sign is found.

The list in the repository was made from the words of the CMU Pronouncing Dictionary and the vocabulary of
all-MiniLM-L6-v2; make it anew when many phrasings have changed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import yaml

from family_guide.safety import SafetyRules, load_rules
from family_guide.safety.reading import Reader
from family_guide.safety.rules import REAL_WORDS

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "content" / "safety.yml"
QUESTIONS = ROOT / "tests" / "questions" / "safety.yml"
DEVELOPMENT = ROOT / "tests" / "safety" / "development.yml"


def sentences(part: str) -> dict[str, list[str]]:
    """The sentences of a part, by kind: emergency, crisis, neither."""
    if part == "development":
        found: dict[str, list[str]] = yaml.safe_load(DEVELOPMENT.read_text(encoding="utf-8"))
        return found
    parts: dict[str, dict[str, list[str]]] = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))
    return parts[part]


def wrong(rules: SafetyRules, kind: str, texts: list[str]) -> list[str]:
    """Those of `texts` in which `kind` is not found, or anything at all when the kind is neither."""
    out = []
    for text in texts:
        hit = rules.find(text)
        kinds = {hit.kind, hit.also} if hit else set()
        if bool(kinds) if kind == "neither" else kind not in kinds:
            out.append(f"{text!r} -> {hit.sign + ': ' + repr(hit.words) if hit else 'nothing'}")
    return out


def report(part: str) -> None:
    """Print recall for each kind, false alarms, time; the misses for any part but the test part."""
    started = time.perf_counter()
    rules = load_rules(RULES)
    print(f"{part} part; rules loaded in {time.perf_counter() - started:.1f} s")
    by_kind = sentences(part)
    for kind, texts in by_kind.items():
        missed = wrong(rules, kind, texts)
        right = len(texts) - len(missed)
        if kind == "neither":
            print(f"  false alarms {len(missed)}/{len(texts)} = {len(missed) / len(texts):.3f}")
        else:
            print(f"  {kind} recall {right}/{len(texts)} = {right / len(texts):.3f}")
        if part != "test":
            for line in missed:
                print(f"      {line}")
    times = []
    for texts in by_kind.values():
        for text in texts:
            before = time.perf_counter()
            rules.find(text)
            times.append((time.perf_counter() - before) * 1000)
    times.sort()
    long = " ".join(text for texts in by_kind.values() for text in texts)[:5000]
    before = time.perf_counter()
    rules.find(long)
    whole = (time.perf_counter() - before) * 1000
    p95 = times[int(len(times) * 0.95)]
    print(
        f"  one message {statistics.median(times):.2f} ms median, {p95:.2f} ms p95; "
        f"{len(long)} characters {whole:.0f} ms"
    )


def write_real_words(words_file: Path) -> None:
    """Write the words of `words_file` that would be mended into a word of the rules, were they not kept."""
    from family_guide.safety.model import read_file

    text = read_file(RULES)
    bare = SafetyRules(text)
    reader = Reader(bare.vocabulary, bare.spelled, text.spellings, ())
    words = {word.strip().lower() for word in words_file.read_text(encoding="utf-8").split()}
    near = sorted(
        word
        for word in words
        if word.isascii() and word.isalpha() and word not in text.spellings and reader.spell(word) != (word,)
    )
    REAL_WORDS.write_text("\n".join(near) + "\n", encoding="utf-8")
    print(f"{len(near)} of {len(words)} words kept in {REAL_WORDS}")


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", default="validation", choices=["validation", "test", "development"])
    parser.add_argument("--real-words", type=Path, metavar="LIST", help="a file of correct English words")
    arguments = parser.parse_args()
    if arguments.real_words:
        write_real_words(arguments.real_words)
    else:
        report(arguments.part)


if __name__ == "__main__":
    main()
