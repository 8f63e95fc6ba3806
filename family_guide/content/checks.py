"""Everything that editors and clinicians write, checked at once."""

from family_guide.answers.checks import load_and_check
from family_guide.content import DATA, LANGUAGES, SAFETY, SOURCES, SYMPTOM_CHECK
from family_guide.content.languages import LanguagesError, load_languages
from family_guide.safety import check_safety
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
    return problems
