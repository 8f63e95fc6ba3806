"""Our content in the form that each peer takes: the same phrases, answers, rules and actions."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from family_guide.settings import ROOT

HERE = Path(__file__).parent
RETRIEVAL = ("faq", "chat")
"""Intents that have one answer for each of their leaves."""


def prepare(peer: str, folder: Path, epochs: int | None = None) -> dict[str, str]:
    """Write the files that a peer is trained from.

    Args:
        peer: `default` or `sparse`.
        folder: for the files; made anew.
        epochs: of whatever Rasa trains in epochs, which takes an hour and more with its own 100;
            its default if None.

    Returns:
        Paths of the configuration, the domain and the data.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "data", folder / "data")
    shutil.copyfile(HERE / "stories.yml", folder / "data" / "stories.yml")
    config = yaml.safe_load((HERE / f"{peer}.yml").read_text("utf-8"))
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    if epochs is not None:
        for component in config["pipeline"] + config["policies"]:
            if "epochs" in component:
                component["epochs"] = epochs
    if peer == "sparse":
        _flatten(folder / "data", domain)
    for name, content in (("config.yml", config), ("domain.yml", domain)):
        _write(folder / name, content)
    return {name: str(folder / name) for name in ("config.yml", "domain.yml", "data")}


def _flat(name: str) -> str:
    return name.replace("/", "__")


def _flatten(data: Path, domain: dict[str, Any]) -> None:
    """Make each leaf an intent of its own: logistic regression knows no leaves, and selects no answers."""
    files = {file: yaml.safe_load(file.read_text("utf-8")) or {} for file in sorted(data.rglob("*.yml"))}
    leaves: list[str] = []
    for content in files.values():
        for block in content.get("nlu", []):
            if "/" in block.get("intent", ""):
                leaves.append(_flat(block["intent"]))
                block["intent"] = leaves[-1]
        for name in [n for n in content.get("responses", {}) if "/" in n]:
            content["responses"][_flat(name)] = content["responses"].pop(name)
    leaves = sorted(set(leaves))
    for file, content in files.items():
        # Rules of ours for whole groups of questions become one for each; no stories: there is nothing to learn.
        content["rules"] = [rule for old in content.pop("rules", []) for rule in _rules(old, leaves)]
        content.pop("stories", None)
        _write(file, {key: value for key, value in content.items() if value})
    domain["intents"] = [i for i in domain["intents"] if i not in RETRIEVAL] + leaves


def _rules(rule: dict[str, Any], leaves: list[str]) -> list[dict[str, Any]]:
    first = rule["steps"][0]
    if first.get("intent") in RETRIEVAL:
        return _answers(rule, first["intent"], leaves)
    if "or" in first and {"intent": RETRIEVAL[0]} in first["or"]:
        others = [one for one in first["or"] if one["intent"] not in RETRIEVAL]
        rule = {**rule, "steps": [{"or": others + [{"intent": leaf} for leaf in leaves]}, *rule["steps"][1:]]}
    elif "or" in first and {"intent": RETRIEVAL[1]} in first["or"]:
        others = [one for one in first["or"] if one["intent"] not in RETRIEVAL]
        rest = {**rule, "steps": [{"or": others}, *rule["steps"][1:]]}
        return [*_answers(rule, RETRIEVAL[1], leaves), rest]
    return [rule]


def _answers(rule: dict[str, Any], group: str, leaves: list[str]) -> list[dict[str, Any]]:
    """Return a rule for each leaf of a group: its answer, under the condition of the group's rule."""
    kept = {key: value for key, value in rule.items() if key != "wait_for_user_input"}
    return [
        {**kept, "rule": f"{rule['rule']}: {leaf}", "steps": [{"intent": leaf}, {"action": f"utter_{leaf}"}]}
        for leaf in leaves
        if leaf.startswith(group)
    ]


def _write(file: Path, content: Any) -> None:
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000), "utf-8")
