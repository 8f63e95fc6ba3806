"""Rasa's rules, looked through once for each prediction in place of twice.

RulePolicy first looks for rules on the very text of a message, then for rules on its intent, and works out the state of
the conversation anew for each. Where no rule is on a text, the first look finds nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine.graph import GraphNode
from rasa.shared.core.constants import USER
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT

Found = tuple[str | None, str | None, bool]


class RulesOnIntents(RulePolicy):  # type: ignore[misc]
    """A trained RulePolicy none of whose rules is on a text: the same predictions in less time."""

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> Found:
        """Return what the rules say next (see RulePolicy)."""
        if use_text_for_last_user_input:
            return None, None, False
        found: Found = super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)
        return found


def look_once(nodes: Mapping[str, GraphNode]) -> None:
    """Have the RulePolicy among the components of a loaded model look through its rules once, if that is enough.

    Args:
        nodes: the components; that one is changed in its place.
    """
    for node in nodes.values():
        policy = vars(node).get("_component")
        # It was trained and loaded as RulePolicy: Rasa's checks of a configuration ask for that very class.
        if type(policy) is RulePolicy and not any(_on_text(key) for key in policy.lookup[RULES]):
            policy.__class__ = RulesOnIntents


def _on_text(rule: str) -> bool:
    return any(TEXT in (state.get(USER) or ()) for state in json.loads(rule))
