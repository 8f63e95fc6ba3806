import pytest

from family_guide.symptom_check.reader import Reader


@pytest.fixture(scope="session")
def reader(protocol):
    return Reader(protocol)


@pytest.fixture
def read(protocol, reader, extractor):
    def answer(question, text, strict=False):
        found = reader.answer(protocol.questions_by_id[question], text, extractor.extract(text), strict=strict)
        return found and found.option

    return answer


@pytest.mark.parametrize(
    ("reply", "option"),
    [
        ("yes", "yes"),
        ("yep", "yes"),
        ("YES!!", "yes"),
        ("yesss", "yes"),
        ("well, yes", "yes"),
        ("i think so", "yes"),
        ("it does", "yes"),
        ("👍", "yes"),
        ("a little", "yes"),
        ("sort of", "yes"),
        ("kinda", "yes"),
        ("on and off", "yes"),
        ("yeah she has", "yes"),
        ("yes, there is", "yes"),
        ("sumtimes", None),
        ("no", "no"),
        ("nope", "no"),
        ("nah", "no"),
        ("Noooo", "no"),
        ("not really", "no"),
        ("not relly", "no"),
        ("no, she can walk", "no"),
        ("not at all.", "no"),
        ("idk", "not_sure"),
        ("I don't know", "not_sure"),
        ("not sure", "not_sure"),
        ("hard to tell", "not_sure"),
        ("maybe", "not_sure"),
        ("um dunno", "not_sure"),
        ("1", "yes"),
        ("2.", "no"),
        ("#3", "not_sure"),
        ("option 2", "no"),
        ("the second one", "no"),
        ("3rd", "not_sure"),
        ("4", None),
        ("0", None),
    ],
)
def test_yes_and_no_are_read_in_all_their_colours(read, reply, option):
    assert read("lump", reply) == option


@pytest.mark.parametrize(
    "reply",
    [
        "my dog is brown",
        "asdfgh",
        "what?",
        "no pain",
        "hello",
        "the weather is nice",
        "right on her thigh",
        "it is on her leg",
        "she has a cat",
        "",
        "   ",
        "???!",
        "12345",
    ],
)
def test_a_reply_that_is_no_answer_is_read_as_none(read, reply):
    assert read("growing", reply) in (None, "not_sure" if reply == "???!" else None)


@pytest.mark.parametrize(
    ("reply", "option"),
    [
        ("7", "from_5"),
        ("she's 7", "from_5"),
        ("15", "from_12"),
        ("18 months old", "from_1"),
        ("18 months", "from_1"),
        ("8 weeks", "under_1"),
        ("seven", "from_5"),
        ("he turned 12 last week", "from_12"),
        ("0.5", "under_1"),
        ("34", "from_18"),
        ("option 2", "from_1"),
        ("12 to 17 years", "from_12"),
        ("teenager", "from_12"),
        ("300", None),
        ("young", None),
        ("rather not say", "not_sure"),
    ],
)
def test_ages_are_read_as_ages_and_not_as_the_number_of_an_option(read, reply, option):
    assert read("age", reply) == option


@pytest.mark.parametrize(
    ("reply", "option"),
    [
        ("3 weeks", "weeks"),
        ("about 2 months", "months"),
        ("a couple of days", "days"),
        ("half a year", "months"),
        ("since yesterday", "days"),
        ("for years", "long"),
        ("2 yrs", "long"),
        ("since last month", "weeks"),
        ("a week and a half", "days"),
        ("3", "months"),
        ("idk", "not_sure"),
        ("purple", None),
    ],
)
def test_durations_are_read(read, reply, option):
    assert read("how_long", reply) == option


@pytest.mark.parametrize(
    ("reply", "option"),
    [
        ("left thigh", "leg"),
        ("her right forearm", "arm"),
        ("neck", "head"),
        ("the back of his knee", "leg"),
        ("back", "trunk"),
        ("tummy", "trunk"),
        ("sholder", "arm"),
        ("not her leg, her arm", "arm"),
        ("somewhere else", "other"),
        ("all over", "other"),
        ("2", "arm"),
        ("the moon", None),
        ("yes", None),
    ],
)
def test_places_are_read(read, reply, option):
    assert read("where", reply) == option


@pytest.mark.parametrize(
    ("reply", "option"),
    [
        ("none of these", "none"),
        ("no", "none"),
        ("nope", "none"),
        ("nothing like that", "none"),
        ("yes", "some"),
        ("a little", "some"),
        ("trouble breathing", "breathing"),
        ("he can't breathe", "breathing"),
        ("trouble breathin", "breathing"),
        ("idk", "not_sure"),
        ("no trouble breathing", None),
        ("5", "bladder"),
    ],
)
def test_warning_signs_are_read(read, reply, option):
    assert read("warning", reply) == option


@pytest.mark.parametrize(
    ("reply", "option"),
    [
        ("my daughter", "my_child"),
        ("for my kid", "my_child"),
        ("me", "me"),
        ("it's for me", "me"),
        ("my grandson", "someone_else"),
        ("a friend", "someone_else"),
        ("1", "my_child"),
    ],
)
def test_the_person_is_read(read, reply, option):
    assert read("who", reply) == option


@pytest.mark.parametrize(
    ("question", "reply", "option"),
    [
        ("pain", "it does hurt", "yes"),
        ("pain", "no it hurts", "yes"),
        ("pain", "doesnt hurt", "no"),
        ("pain", "no pain just swelling", "no"),
        ("pain", "only at night", "yes"),
        ("limping", "she isn't limping", "no"),
        ("limping", "he walks fine", "no"),
        ("movement", "his knee won't bend all the way", "yes"),
        ("growing", "same size", "no"),
        ("growing", "hasn't gotten bigger", "no"),
        ("doctor", "we have an appointment tomorrow", "visit"),
        ("doctor", "the doctor looked at it", "yes"),
        ("doctor", "we haven't seen a doctor", "no"),
        ("earlier", "never", "no"),
    ],
)
def test_sentences_are_read_in_the_light_of_the_open_question(read, question, reply, option):
    assert read(question, reply) == option


def test_a_text_that_may_be_a_question_is_not_read_by_likeness(read):
    assert read("earlier", "yes it is") == "yes"
    assert read("lump", "i am not sur") == "not_sure"
    assert read("lump", "i am not sur", strict=True) is None


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("go back", "back"),
        ("can we go back please", "back"),
        ("I clicked wrong, now what", "back"),
        ("oops wrong button", "back"),
        ("why do you ask?", "why"),
        ("why?", "why"),
        ("skip", "skip"),
        ("skip this one please", "skip"),
        ("stop", "stop"),
        ("quit", "stop"),
        ("hold on", "pause"),
        ("brb", "pause"),
        ("continue", "resume"),
        ("i'm back", "resume"),
        ("start over", "start_over"),
        ("strat over", "start_over"),
        ("change the age", "change:age"),
        ("change my answer about pain", "change:pain"),
        ("change an answer", "change"),
        ("yes", ""),
        ("the lump came back", ""),
        ("why is asps rare", ""),
        ("", ""),
        ("it stopped hurting", ""),
    ],
)
def test_commands_are_read(reader, protocol, text, command):
    assert reader.command(text, protocol.questions_by_id["lump"]) == command


def test_a_word_of_the_open_questions_own_options_is_no_command(reader, protocol):
    assert reader.command("back", protocol.questions_by_id["where"]) == ""
