"""The peers get our content whole, and the report says what was measured, also where a target is missed."""

import pytest
import yaml

from benchmarks.peer_models import report
from benchmarks.peer_models.prepare import prepare
from family_guide.settings import ROOT


def blocks(folder, key):
    for file in sorted(folder.rglob("*.yml")):
        read = yaml.safe_load(file.read_text("utf-8")) or {}
        yield from read.get(key, {}).items() if key == "responses" else read.get(key, [])


@pytest.fixture(scope="module")
def sparse(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sparse")
    prepare("sparse", folder)
    return folder


def test_logistic_regression_gets_every_question_as_an_intent_with_its_answer(sparse):
    ours = {block["intent"] for block in blocks(ROOT / "data", "nlu") if "intent" in block}
    theirs = {block["intent"] for block in blocks(sparse / "data", "nlu") if "intent" in block}
    assert theirs == {name.replace("/", "__") for name in ours}
    domain = yaml.safe_load((sparse / "domain.yml").read_text())
    leaves = {name for name in theirs if "__" in name}
    assert leaves <= set(domain["intents"])
    answers = {name for name, _ in blocks(sparse / "data", "responses")}
    answered = {
        rule["steps"][0]["intent"]: rule["steps"][1]["action"]
        for rule in blocks(sparse / "data", "rules")
        if rule["steps"][0].get("intent") in leaves
    }
    assert set(answered) == leaves
    assert set(answered.values()) <= answers


def test_no_phrase_is_lost_or_added(sparse):
    ours = sorted(block["examples"] for block in blocks(ROOT / "data", "nlu") if "intent" in block)
    assert sorted(block["examples"] for block in blocks(sparse / "data", "nlu") if "intent" in block) == ours


def test_rasas_default_is_as_rasa_ships_it_unless_epochs_are_given(tmp_path):
    import rasa

    shipped = yaml.safe_load(
        (ROOT / rasa.__path__[0] / "engine/recipes/config_files/default_config.yml").read_text("utf-8")
    )
    prepare("default", tmp_path / "whole")
    config = yaml.safe_load((tmp_path / "whole" / "config.yml").read_text())
    assert (config["pipeline"], config["policies"]) == (shipped["pipeline"], shipped["policies"])
    prepare("default", tmp_path / "short", epochs=3)
    config = yaml.safe_load((tmp_path / "short" / "config.yml").read_text())
    assert [part["epochs"] for part in config["pipeline"] if "epochs" in part] == [3, 3]


def figures(milliseconds, per_core, megabytes):
    one = {"p50": milliseconds, "p95": milliseconds, "p99": milliseconds}
    return {
        "latency": {kind: dict.fromkeys(("1", "8", "32"), one) for kind in ("question", "step")},
        "messages_per_core_second": per_core,
        "megabytes": megabytes,
        "megabytes_with_action_server": megabytes,
        "seconds_to_start": 10.0,
        "installed_megabytes": 1000,
    }


def test_the_report_says_what_was_met_and_what_was_missed():
    measured = {
        "family_guide": figures(20.0, 100.0, 700.0),
        "default": figures(30.0, 10.0, 900.0),
    }
    said = report.verdicts(measured).splitlines()
    assert [line.endswith(": met.") for line in said] == [True, False, False, True, True]
    shown = report.table(measured, {"family_guide": "Family Guide", "default": "Rasa"})
    assert "| messages a second and core | 100 | 10.0 (10) |" in shown
