"""What clinicians sign, read from `content/`: where it is and how it is loaded once.

Nothing in this package imports Rasa, so the content can be checked without it.
"""

from functools import lru_cache

from family_guide.answers.follow_ups import FollowUps, load_follow_ups
from family_guide.answers.library import AnswerLibrary
from family_guide.content.languages import Language, load_languages
from family_guide.safety import SafetyRules, load_rules
from family_guide.safety.net import load_examples
from family_guide.safety.verdicts import VerdictRules
from family_guide.settings import ROOT
from family_guide.symptom_check import Engine, load_protocol
from family_guide.symptoms.extractor import Extractor

CONTENT = ROOT / "content"
SAFETY = CONTENT / "safety.yml"
SAFETY_EXAMPLES = CONTENT / "safety_examples.yml"
DIAGNOSIS = CONTENT / "diagnosis.yml"
FOLLOW_UPS = CONTENT / "follow_ups.yml"
LANGUAGES = CONTENT / "languages.yml"
SYMPTOMS = CONTENT / "symptoms.yml"
SYMPTOM_CHECK = CONTENT / "symptom_check.yml"
SOURCES = CONTENT / "sources"
DATA = ROOT / "data"


@lru_cache(maxsize=1)
def shared_safety_rules() -> SafetyRules:
    """Return the safety rules, loaded once per process."""
    return load_rules(SAFETY)


@lru_cache(maxsize=1)
def shared_safety_examples() -> dict[str, tuple[str, ...]]:
    """Return the sentences that the safety net learns from, loaded once per process."""
    return load_examples(SAFETY_EXAMPLES)


@lru_cache(maxsize=1)
def shared_verdict_rules() -> VerdictRules:
    """Return the rules for asked diagnoses, loaded once per process."""
    return VerdictRules(DIAGNOSIS)


@lru_cache(maxsize=1)
def shared_follow_ups() -> FollowUps:
    """Return the words of follow-ups, loaded once per process."""
    return load_follow_ups(FOLLOW_UPS)


@lru_cache(maxsize=1)
def shared_languages() -> tuple[Language, ...]:
    """Return the languages that are recognised, loaded once per process."""
    return load_languages(LANGUAGES)


@lru_cache(maxsize=1)
def shared_symptom_check() -> Engine:
    """Return the engine of the symptom check, loaded once per process."""
    return Engine(load_protocol(SYMPTOM_CHECK))


@lru_cache(maxsize=1)
def shared_extractor() -> Extractor:
    """Return the extractor of symptoms, loaded once per process."""
    return Extractor(SYMPTOMS)


@lru_cache(maxsize=1)
def shared_answers() -> AnswerLibrary:
    """Return the curated answers, loaded once per process."""
    return AnswerLibrary.load(DATA, SOURCES)
