import stat
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from family_guide.channels.session import InvalidChoice, InvalidToken, Sessions, server_key


@pytest.fixture
def sessions():
    return Sessions("key", 3600, "website")


def test_a_token_leads_to_the_same_conversation_every_time(sessions):
    token = sessions.issue()
    assert sessions.conversation(token) == sessions.conversation(token)


def test_every_token_has_a_conversation_of_its_own(sessions):
    assert len({sessions.conversation(sessions.issue()) for _ in range(200)}) == 200


def test_the_conversation_id_does_not_stand_in_the_token(sessions):
    token = sessions.issue()
    assert sessions.conversation(token).split("-")[1] not in token


def test_tokens_of_another_server_are_refused(sessions):
    with pytest.raises(InvalidToken):
        sessions.conversation(Sessions("other key", 3600, "website").issue())


def test_tokens_of_another_channel_are_refused(sessions):
    with pytest.raises(InvalidToken):
        sessions.conversation(Sessions("key", 3600, "elsewhere").issue())


@given(st.text(st.characters()) | st.text(st.characters(categories=["Cs", "Lu"])))
def test_made_up_tokens_are_refused(token):
    with pytest.raises(InvalidToken):
        Sessions("key", 3600, "website").conversation(token)


def test_a_changed_token_is_refused(sessions):
    token = sessions.issue()
    # Two bits of the last character stand for nothing: the signature is the same whatever they are.
    for place in range(0, len(token) - 1, 5):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(InvalidToken):
            sessions.conversation(changed)


def test_tokens_expire():
    # Tokens carry whole seconds, so two of them must pass.
    token = Sessions("key", 1, "website").issue()
    time.sleep(2.1)
    with pytest.raises(InvalidToken):
        Sessions("key", 1, "website").conversation(token)
    assert Sessions("key", 0, "website").conversation(token)


def test_a_token_of_a_server_whose_clock_is_ahead_is_good(sessions, monkeypatch):
    token = sessions.issue()
    conversation = sessions.conversation(token)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 3600)
    assert sessions.conversation(token) == conversation


def test_a_choice_is_only_good_where_it_was_offered(sessions):
    choice = sessions.choice("mine", "/affirm", "Yes")
    assert sessions.chosen("mine", choice) == ("/affirm", "Yes")
    with pytest.raises(InvalidChoice):
        sessions.chosen("yours", choice)


@pytest.mark.parametrize("made_up", ["", "/restart", "check:pain:yes", "e30", '["/restart", "x"]'])
def test_made_up_choices_are_refused(sessions, made_up):
    with pytest.raises(InvalidChoice):
        sessions.chosen("mine", made_up)


def test_the_key_is_made_once_and_kept_for_its_owner_alone(tmp_path):
    key = server_key("", tmp_path / "var")
    assert len(key) >= 32
    assert server_key("", tmp_path / "var") == key
    assert stat.S_IMODE((tmp_path / "var" / "secret.key").stat().st_mode) == 0o600


def test_a_configured_key_is_used_as_it_is(tmp_path):
    assert server_key("mine", tmp_path) == "mine"
    assert not list(tmp_path.iterdir())


def test_many_at_once_agree_on_one_key(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: server_key("", tmp_path / "var"), range(64)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 32
    assert [file.name for file in (tmp_path / "var").iterdir()] == ["secret.key"]


@pytest.mark.parametrize("token", ["é", "\udce9", "a.é.b", "\x00"])
def test_a_token_of_other_characters_is_invalid_and_no_failure(token):
    with pytest.raises(InvalidToken):
        Sessions("key", 0, "website").conversation(token)
