"""Write BANKING77 in the form that run.py reads: the pipeline that ships, measured on a second public set.

    python benchmarks/clinc150/banking77.py --banking FOLDER --out FOLDER [--clinc FOLDER]
    python benchmarks/clinc150/run.py --data FOLDER --out banking77.json

BANKING77 (Casanueva et al. 2020, CC BY 4.0): 77 intents of one domain, `train.csv` and `test.csv`. Every tenth phrase
of each intent in train.csv becomes the validation part. It has nothing out of scope, so CLINC150's out-of-scope queries
stand for that, in the validation and test parts only: strangers of whom training has seen no example.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_EVERY = 10


def phrases(file: Path) -> list[list[str]]:
    """Return [text, intent] of each row of a CSV file with the columns `text` and `category`."""
    with file.open(encoding="utf-8", newline="") as rows:
        return [[row["text"].strip(), row["category"]] for row in csv.DictReader(rows)]


def main() -> None:
    """Read the command line and write data_full.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--banking", type=Path, required=True, help="folder of train.csv and test.csv")
    parser.add_argument("--clinc", type=Path, default=ROOT / "../shared/benchmarks/clinc150")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    by_intent: dict[str, list[list[str]]] = defaultdict(list)
    for phrase in phrases(arguments.banking / "train.csv"):
        by_intent[phrase[1]].append(phrase)
    numbered = [(i, phrase) for some in by_intent.values() for i, phrase in enumerate(some)]
    strangers = json.loads((arguments.clinc / "data_full.json").read_text("utf-8"))
    parts = {
        "train": [phrase for i, phrase in numbered if i % _EVERY],
        "val": [phrase for i, phrase in numbered if not i % _EVERY],
        "test": phrases(arguments.banking / "test.csv"),
        "oos_train": [],
        "oos_val": strangers["oos_val"],
        "oos_test": strangers["oos_test"],
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "data_full.json").write_text(json.dumps(parts), "utf-8")


if __name__ == "__main__":
    main()
