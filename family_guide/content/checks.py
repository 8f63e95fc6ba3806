"""Everything that editors and clinicians write, checked at once."""

from family_guide.answers.checks import load_and_check
from family_guide.content import DATA, DIAGNOSIS, LANGUAGES, SAFETY, SAFETY_EXAMPLES, SOURCES, SYMPTOM_CHECK
from family_guide.content.languages import LanguagesError, load_languages
from family_guide.safety import check_safety
from family_guide.safety.net import load_examples
from family_guide.safety.verdicts import VerdictRules
from family_guide.symptom_check.checks import check_protocol


def check_content() -> list[str]:
    """Return every problem of the content, one line each; empty when all is well.

    Codes: A... answers, P... symptom check, S... safety rules, L001 languages.
    """
    _, answers = load_and_check(DATA, SOURCES)
    problems = [*map(str, answers), *map(str, check_protocol(SYMPTOM_CHECK)), *map(str, check_safety(SAFETY))]
    try:
        load_languages(LANGUAGES)
    except LanguagesError as error:
        problems.append(f"L001 {error}")
    for code, file, load in (("S013", SAFETY_EXAMPLES, load_examples), ("S014", DIAGNOSIS, VerdictRules)):
        try:
            load(file)
        except (ValueError, OSError) as error:
            problems.append(f"{code} {file.name}: {error}")
    return problems
