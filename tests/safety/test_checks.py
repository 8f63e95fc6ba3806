"""The rules that ship are sound, and each mistake an editor can make has its code."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from family_guide.safety import check_safety
from tests.safety.conftest import RULES

SOUND: dict[str, Any] = {
    "replies": {
        "emergency": {"clinical_review": "awaiting", "text": "Call 911 now."},
        "crisis": {"clinical_review": "awaiting", "text": "Call or text 988. Call 911 if you are not safe."},
        "crisis_abuse": {
            "clinical_review": "awaiting",
            "text": "Call 911 if you are not safe. Tell a nurse.",
        },
        "both": {"clinical_review": "awaiting", "text": "Call 911 now. Call or text 988."},
    },
    "spellings": {"choking": "chocking"},
    "words": {"child": "he|she"},
    "exceptions": {"denied": {"why": "Not so.", "when": ["not @"]}},
    "signs": [{"id": "choking", "kind": "emergency", "name": "Choking", "say": ["<child> choke+"]}],
}


def codes(tmp_path: Path, change: dict[str, Any]) -> list[str]:
    path = tmp_path / "safety.yml"
    path.write_text(yaml.safe_dump(SOUND | change))
    return [problem.code for problem in check_safety(path)]


def test_check_safety_passes_the_rules_that_ship() -> None:
    assert [str(problem) for problem in check_safety(RULES)] == []


def test_check_safety_passes_sound_rules(tmp_path: Path) -> None:
    assert codes(tmp_path, {}) == []


def sign(**change: Any) -> dict[str, Any]:
    return {"signs": [SOUND["signs"][0] | change]}


def reply(name: str, text: str) -> dict[str, Any]:
    return {"replies": SOUND["replies"] | {name: {"clinical_review": "awaiting", "text": text}}}


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("S001", {"signs": 3}),
        ("S001", sign(kind="urgent")),
        ("S001", sign(say="choke")),
        ("S002", {"replies": {name: text for name, text in SOUND["replies"].items() if name != "both"}}),
        ("S003", reply("emergency", "Immediately telephone 911, notwithstanding considerable uncertainty.")),
        ("S004", reply("crisis", "Call 911.")),
        ("S005", reply("emergency", "Call 911 or 617-555-0100.")),
        ("S006", {"signs": SOUND["signs"] * 2}),
        ("S007", sign(reply="nothing")),
        ("S007", sign(even_if=["nothing"])),
        ("S008", sign(say=["choke ("])),
        ("S009", sign(say=["choke @"])),
        ("S010", sign(say=["choke", "choke"])),
        ("S011", {"spellings": {"chokin": "chocking", "choking": "chokin"}}),
        ("S012", {"replies": SOUND["replies"] | {"both": {"text": "Call 911 now. Call or text 988."}}}),
    ],
)
def test_check_safety_finds(tmp_path: Path, code: str, change: dict[str, Any]) -> None:
    assert code in codes(tmp_path, change)


def test_check_safety_finds_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert [problem.code for problem in check_safety(tmp_path / "none.yml")] == ["S001"]
