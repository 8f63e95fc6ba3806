import pytest

from family_guide.symptom_check.flow import step
from family_guide.symptom_check.messages import Speaker
from family_guide.symptom_check.paths import all_paths
from family_guide.symptom_check.state import Answer, State
from family_guide.symptom_check.wording_checks import says_forbidden


@pytest.fixture(scope="module")
def paths(protocol):
    return all_paths(protocol)


def walked(protocol, limit):
    """Every way through the first questions, walked one by one with the engine's own step."""
    stack, ends = [{}], 0
    while stack:
        answers = stack.pop()
        following = step(protocol, answers)
        if following.question is None or len(answers) == limit:
            ends += 1
            continue
        stack += [{**answers, following.question.id: Answer(option.id)} for option in following.question.options]
    return ends


def test_every_way_is_counted(paths):
    # 2.4 million different sequences of answers.
    assert paths.ways == 2_436_723


def test_the_count_is_that_of_walking_each_way(protocol):
    few = protocol.copy(
        update={
            "questions": tuple(
                q.copy(
                    update={
                        "options": (*q.options[:2], q.options[-1])
                        if q.id in ("age", "where", "how_long", "warning")
                        else q.options
                    }
                )
                for q in protocol.questions
                if q.id not in ("age", "where", "doctor", "pain")
            )
        }
    )
    assert all_paths(few).ways == walked(few, 99)


def test_every_way_ends_in_an_outcome(paths):
    assert all(ending.outcome for ending in paths.endings)


def test_every_question_is_asked_and_every_outcome_reached(protocol, paths):
    assert paths.asked == set(protocol.questions_by_id)
    assert {ending.outcome for ending in paths.endings} == set(protocol.outcomes_by_id)


def test_any_warning_sign_and_nothing_else_ends_in_the_emergency_outcome(protocol, paths):
    warning = next(question for question in protocol.questions if question.warning_signs)
    signs = {(warning.id, option.id) for option in warning.options if not {"no", "not_sure"} & set(option.means)}
    assert signs == protocol.red_flags
    for ending in paths.endings:
        assert (ending.outcome == "emergency") == bool(signs & set(ending.chosen.items()))


def test_every_ending_recommends_a_doctor_and_a_specialist_and_none_diagnoses_or_reassures(protocol):
    # Ages differ for the texts only in being grown up or not.
    questions = tuple(q.copy(update={"options": q.options[3:5]}) if q.id == "age" else q for q in protocol.questions)
    protocol = protocol.copy(update={"questions": questions})
    speaker = Speaker(protocol)
    seen = set()
    for ending in all_paths(protocol, texts=True).endings:
        answers = {name: Answer(option) for name, option in ending.chosen.items()}
        reasons = [ending.ended_by[0]] if ending.ended_by else _reasons(protocol, ending)
        told = {a for a in ending.chosen.items() if a[0] in {*reasons, "who", "warning", "doctor", "earlier"}}
        minor = ending.chosen.get("who") == "me" and ending.chosen.get("age") not in ("from_18", "not_sure")
        same = (ending.outcome, frozenset(told), minor)
        if same in seen:
            continue
        seen.add(same)
        outcome = protocol.outcomes_by_id[ending.outcome]
        text = speaker.outcome(outcome, reasons, State(answers=answers))[0].text
        assert "specialist" in text
        assert "doctor" in text
        assert outcome.soon in text
        assert protocol.with_every_outcome.ordinary in text
        assert says_forbidden(protocol, text) == []
        assert "{" not in text
    assert len(seen) > 1000


def _reasons(protocol, ending):
    rule = protocol.rules[ending.rule]
    return rule.when.reasons(ending.chosen) if rule.when else []
