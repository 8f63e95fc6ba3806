from pathlib import Path

import pytest

from family_guide.symptoms.vocabulary import VocabularyError, load_vocabulary

VOCABULARY = Path(__file__).parent.parent.parent / "content" / "symptoms.yml"


def test_every_term_is_text(extractor):
    vocabulary = load_vocabulary(VOCABULARY)
    terms = [term for symptom in vocabulary.symptoms.values() for term in (*symptom.present, *symptom.denied)]
    assert len(terms) > 200
    assert all(term.strip() for term in terms)


@pytest.mark.parametrize(
    ("content", "named"),
    [("symptoms: [", "cannot be read"), ("symptoms: {}", "body_parts"), ("colour: red", "colour"), ("- a", "Mend")],
)
def test_a_broken_file_is_refused_with_its_key(tmp_path, content, named):
    file = tmp_path / "symptoms.yml"
    file.write_text(content, "utf-8")
    with pytest.raises(VocabularyError, match=named) as error:
        load_vocabulary(file)
    assert str(file) in str(error.value)
