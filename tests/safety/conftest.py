"""The rules as they ship, loaded once."""

from pathlib import Path

import pytest

from family_guide.safety import SafetyRules, load_rules

RULES = Path(__file__).resolve().parents[2] / "content" / "safety.yml"


@pytest.fixture(scope="session")
def rules() -> SafetyRules:
    return load_rules(RULES)
