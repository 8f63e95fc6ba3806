from pathlib import Path

import pytest

from family_guide.symptoms.extractor import Extractor

VOCABULARY = Path(__file__).parent.parent.parent / "content" / "symptoms.yml"


@pytest.fixture(scope="session")
def extractor():
    return Extractor(VOCABULARY)


@pytest.fixture
def symptoms(extractor):
    """What a message says of symptoms, as {name: status}."""

    def found(text):
        return {finding.name: finding.status for finding in extractor.extract(text) if finding.kind == "symptom"}

    return found


@pytest.fixture
def parts(extractor):
    """Where a message says that symptoms are, as {name: "side part"}."""

    def found(text):
        return {f.name: f"{f.side} {f.body_part}".strip() for f in extractor.extract(text) if f.kind == "symptom"}

    return found
