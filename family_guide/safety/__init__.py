"""Emergency and crisis, caught by rule before any classifier: the rules are data in content/safety.yml."""

from family_guide.safety.checks import Problem, check_safety
from family_guide.safety.rules import Hit, SafetyRules, load_rules

__all__ = ["Hit", "Problem", "SafetyRules", "check_safety", "load_rules"]
