"""Released models: only what was signed is loaded; choosing, and going back."""

import json
import tarfile

import pytest

from family_guide import releases as module
from family_guide.releases import ReleaseError, Releases, new_keys, runs_with
from family_guide.rolling import roll_out


@pytest.fixture
def keys():
    return new_keys()


@pytest.fixture
def releases(tmp_path, keys):
    return Releases(tmp_path / "releases", keys[1])


@pytest.fixture
def model(tmp_path):
    file = tmp_path / "model.tar.gz"
    with tarfile.open(file, "w:gz"):
        pass
    return file


def add(releases, model, keys, count=1):
    return [releases.add(model, keys[0], ("tests",)).name for _ in range(count)]


def test_a_release_is_checked_and_given_as_it_was(releases, model, keys, tmp_path):
    [name] = add(releases, model, keys)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with releases.model(name, scratch) as copy:
        assert copy.read_bytes() == model.read_bytes()
    assert list(scratch.iterdir()) == []


def test_a_changed_model_is_refused(releases, model, keys, tmp_path):
    [name] = add(releases, model, keys)
    file = tmp_path / "releases" / f"{name}.tar.gz"
    file.write_bytes(file.read_bytes() + b"\0")
    with pytest.raises(ReleaseError, match="not the file that was released"):
        releases.choose(name)


@pytest.mark.parametrize("field", ["sha256", "made", "runs_with", "passed", "signature"])
def test_a_changed_record_is_refused(releases, model, keys, tmp_path, field):
    [name] = add(releases, model, keys)
    file = tmp_path / "releases" / f"{name}.json"
    record = json.loads(file.read_text())
    record[field] = ["other"] if field == "passed" else "ab" * 32
    file.write_text(json.dumps(record))
    with pytest.raises(ReleaseError, match="not signed with your key"):
        releases.checked(name)


def test_a_record_under_another_name_is_refused(releases, model, keys, tmp_path):
    [name] = add(releases, model, keys)
    folder = tmp_path / "releases"
    for kind in ("json", "tar.gz"):
        (folder / f"newer.{kind}").write_bytes((folder / f"{name}.{kind}").read_bytes())
    with pytest.raises(ReleaseError, match="the record of another release"):
        releases.checked("newer")


def test_a_release_signed_with_another_key_is_refused(releases, model, keys, tmp_path):
    [name] = add(releases, model, keys)
    with pytest.raises(ReleaseError, match="not signed with your key"):
        Releases(tmp_path / "releases", new_keys()[1]).checked(name)
    with pytest.raises(ReleaseError, match="does not belong"):
        releases.add(model, new_keys()[0], ())


@pytest.mark.parametrize("name", ["../../etc/passwd", "", ".hidden", "a/b", "none"])
def test_a_name_that_is_none_is_refused(releases, name):
    with pytest.raises(ReleaseError):
        releases.choose(name)


def test_a_model_for_another_program_is_refused(releases, model, keys, tmp_path, monkeypatch):
    [name] = add(releases, model, keys)
    monkeypatch.setattr(module, "runs_with", lambda: "other")
    with pytest.raises(ReleaseError, match="another version of the program"), releases.model(name, tmp_path):
        pass


def test_phrases_may_change_with_a_model_but_answers_and_code_may_not(tmp_path):
    for folder in ("family_guide", "actions", "content", "data/faq"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("domain.yml", "data/rules.yml"):
        (tmp_path / file).write_text("{}")
    faq = tmp_path / "data/faq/a.yml"
    faq.write_text("nlu: [{intent: faq/a, examples: '- one'}]\nresponses: {utter_faq/a: [{text: It is.}]}")
    before = runs_with(tmp_path)
    faq.write_text("nlu: [{intent: faq/a, examples: '- two'}]\nresponses: {utter_faq/a: [{text: It is.}]}")
    assert runs_with(tmp_path) == before
    faq.write_text("nlu: [{intent: faq/a, examples: '- two'}]\nresponses: {utter_faq/a: [{text: It is not.}]}")
    assert runs_with(tmp_path) != before
    faq.write_text("nlu: [{intent: faq/a, examples: '- two'}]\nresponses: {utter_faq/a: [{text: It is.}]}")
    (tmp_path / "actions/a.py").write_text("pass")
    assert runs_with(tmp_path) != before


def test_rolling_back_goes_to_what_was_there_before(releases, model, keys):
    first, second, third = add(releases, model, keys, 3)
    with pytest.raises(ReleaseError, match="No release is current"):
        releases.before_current()
    releases.choose(first)
    with pytest.raises(ReleaseError, match="no release before"):
        releases.before_current()
    releases.choose(second)
    assert releases.before_current() == first
    releases.choose(first)
    with pytest.raises(ReleaseError, match="no release before"):
        releases.before_current()
    releases.choose(third)
    assert releases.before_current() == first


def test_only_one_server_of_a_machine_has_the_turn(releases, model, keys):
    add(releases, model, keys)
    with releases.turn() as first, releases.turn() as second:
        assert (first, second) == (True, False)
    with releases.turn() as again:
        assert again


def test_a_server_that_does_not_take_it_up_brings_the_release_before_back(releases, model, keys):
    first, second = add(releases, model, keys, 2)
    roll_out(releases, first, [])
    with pytest.raises(ReleaseError, match=f"{first} is current again"):
        roll_out(releases, second, ["http://127.0.0.1:1"], seconds=0.1)
    assert releases.current() == first
