import copy
import functools
import re
import shutil

import pytest
import yaml

from family_guide.symptom_check import ContentError, load_protocol
from family_guide.symptom_check.checks import CODES, check_protocol
from family_guide.symptom_check.loader import PlainLoader

# What a clinician could break: code, and (path of keys, new value) or a replacement in the text.
LUMP, GROWING = ("questions", 3), ("questions", 5)
BROKEN = {
    "not yaml": ("P001", "questions:", "questions: [", "(file)"),
    "no keys": ("P001", None, "", "(file)"),
    "unknown key": ("P002", (*LUMP, "colour"), "red", "questions.lump.colour"),
    "unknown operator": ("P002", (*GROWING, "applies_when"), {"xor": []}, "questions.growing.applies_when"),
    "wrong type": ("P002", (*LUMP, "options"), "yes or no", "questions.lump.options"),
    "no wording for oneself": ("P003", (*LUMP, "ask"), {"child": "Is there a lump?"}, "questions.lump.ask"),
    "empty wording": ("P003", (*LUMP, "help"), "", "questions.lump.help"),
    "no wording of the assistant": ("P003", ("wording", "paused"), None, "wording.paused"),
    "question twice": ("P004", (*GROWING, "id"), "lump", "questions.lump"),
    "option twice": ("P004", (*LUMP, "options", 1, "id"), "yes", "questions.lump.options.yes"),
    "unknown question": ("P005", (*GROWING, "applies_when", "question"), "bump", "questions.growing.applies_when"),
    "unknown option": ("P005", (*GROWING, "applies_when", "is"), ["perhaps"], "questions.growing.applies_when"),
    "unknown shared condition": (
        "P005",
        (*GROWING, "applies_when"),
        {"named": "signs"},
        "questions.growing.applies_when",
    ),
    "unknown outcome": ("P005", ("rules", 0, "outcome"), "sometime", "rules.1.outcome"),
    "unknown outcome of an addition": ("P005", ("additions", 0, "only"), ["sometime"], "additions.1.only"),
    "option leads nowhere": ("P006", (*LUMP, "options", 0, "ends_in"), "nowhere", "questions.lump.options.yes.ends_in"),
    "answers lead nowhere": ("P006", ("rules", 2, "when"), {"question": "who", "is": "me"}, "rules"),
    "question never asked": (
        "P007",
        (*GROWING, "applies_when"),
        {"all": [{"question": "lump", "is": "yes"}, {"question": "lump", "is": "no"}]},
        "questions.growing",
    ),
    "outcome never reached": ("P008", ("rules", 1, "outcome"), "prompt", "outcomes.book"),
    "rule never decides": ("P008", ("rules", 1, "when"), {"question": "growing", "is": "yes"}, "rules.2 (book)"),
    "questions wait for each other": (
        "P009",
        (*LUMP, "applies_when"),
        {"question": "growing", "is": "no"},
        "questions.lump.applies_when",
    ),
    "question waits for itself": (
        "P009",
        (*LUMP, "applies_when"),
        {"question": "lump", "is": "no"},
        "questions.lump.applies_when",
    ),
    "last rule has a condition": ("P010", ("rules", 2, "when"), {"question": "lump", "is": "no"}, "rules.3 (worried)"),
    "rule after the one that always holds": ("P010", ("rules", 1), {"outcome": "book"}, "rules.2 (book)"),
    "question waits for a later one": (
        "P011",
        (*LUMP, "applies_when"),
        {"question": "earlier", "is": "no"},
        "questions.lump.applies_when",
    ),
    "no specialist": ("P012", ("outcomes", 2, "do"), "Call your doctor.", "outcomes.book.do"),
    "no doctor": ("P012", ("outcomes", 2, "do"), "Call a specialist.", "outcomes.book.do"),
    "diagnosis": ("P013", ("outcomes", 2, "title"), "This sounds like a tumor", "outcomes.book.title"),
    "probability": ("P013", (*LUMP, "help"), "The chance of harm is one percent.", "questions.lump.help"),
    "reassurance": ("P014", ("outcomes", 3, "title"), "There is no need to worry", "outcomes.worried.title"),
    "hard words": (
        "P015",
        (*LUMP, "help"),
        "Characteristically, subcutaneous abnormalities necessitate immediate professional evaluation.",
        "questions.lump.help",
    ),
    "unknown fact": ("P016", (*LUMP, "why", "facts"), ["Z99"], "questions.lump.why"),
    "page without facts": ("P016", (*LUMP, "why", "facts"), [], "questions.lump.why"),
    "sources gone": ("P016", ("sources",), ["sources/none.yml"], "sources"),
    "warning sign that goes on": (
        "P017",
        ("questions", 1, "options", 1, "ends_in"),
        None,
        "questions.warning.options.breathing",
    ),
    "warning signs for some only": (
        "P017",
        ("questions", 1, "applies_when"),
        {"question": "who", "is": "me"},
        "questions.warning.applies_when",
    ),
    "nobody asks for warning signs": ("P017", ("questions", 1, "warning_signs"), False, "questions"),
    "no emergency": ("P017", ("outcomes", 0, "urgency"), "days", "questions"),
    "unknown symptom": (
        "P018",
        (*LUMP, "options", 0, "said"),
        [{"symptom": "bumpiness"}],
        "questions.lump.options.yes.said",
    ),
    "unknown body part": (
        "P018",
        ("questions", 8, "options", 0, "said"),
        [{"body_part": ["wing"]}],
        "questions.where.options.leg.said",
    ),
    "vocabulary gone": ("P018", ("vocabulary",), "none.yml", "vocabulary"),
    "words of two options": ("P019", (*GROWING, "options", 0, "words"), ["the same"], "questions.growing.options"),
    "gap between ranges": (
        "P019",
        ("questions", 2, "options", 0, "range"),
        {"from": 0, "below": 0.5},
        "questions.age.options",
    ),
    "no number to call": ("P020", ("outcomes", 0, "do"), "See a doctor and a specialist now.", "outcomes.emergency.do"),
    "no way to be unsure": ("P021", (*LUMP, "options", 2, "means"), [], "questions.lump.options"),
    "blank that is never filled": ("P022", (*LUMP, "ask"), "Does {name} have a lump?", "questions.lump.ask"),
}


@functools.cache
def parsed(text):
    return yaml.load(text, Loader=PlainLoader)


def broken_file(tmp_path, protocol_file, place, value):
    for name in ("symptoms.yml", "sources"):
        source = protocol_file.parent / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    file = tmp_path / "symptom_check.yml"
    text = protocol_file.read_text("utf-8")
    if place is None or isinstance(place, str):
        file.write_text(text.replace(place, value, 1) if place else value, "utf-8")
        return file
    content = spot = copy.deepcopy(parsed(text))
    for key in place[:-1]:
        spot = spot[key]
    if value is None:
        del spot[place[-1]]
    else:
        spot[place[-1]] = value
    file.write_text(yaml.dump(content, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False), "utf-8")
    return file


def test_the_protocol_has_no_problem(protocol_file):
    assert [str(problem) for problem in check_protocol(protocol_file)] == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_reported_with_code_file_key_and_fix(tmp_path, protocol_file, name):
    code, place, value, key = BROKEN[name]
    file = broken_file(tmp_path, protocol_file, place, value)
    problems = [problem for problem in check_protocol(file) if problem.code == code]
    assert problems, f"{code} was not reported"
    assert any(problem.where.startswith(f"{file}: {key}") for problem in problems), [p.where for p in problems]
    # What is wrong and how to mend it: two sentences at least.
    assert all(len(re.findall(r"[.:!] |[.!]$", problem.message)) >= 2 for problem in problems)


def test_every_code_has_a_broken_file():
    assert {code for code, *_ in BROKEN.values()} == set(CODES)


@pytest.mark.parametrize(
    "name",
    [name for name, (code, *_) in BROKEN.items() if code in ("P001", "P002", "P003", "P004", "P005", "P006")][:-1],
)
def test_a_file_that_cannot_run_is_refused_when_loaded(tmp_path, protocol_file, name):
    _, place, value, key = BROKEN[name]
    file = broken_file(tmp_path, protocol_file, place, value)
    with pytest.raises(ContentError, match=re.escape(key)):
        load_protocol(file)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ContentError, match="P001"):
        load_protocol(tmp_path / "none.yml")
