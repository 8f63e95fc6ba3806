"""Rasa's own importer of training data, made to read the phrases once."""

from __future__ import annotations

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.training_data import TrainingData


class ReadOnce(RasaFileImporter):
    """Reads and checks the phrases at the first call and keeps them.

    Rasa asks for them twice in one training, with and without naming the language, and its own cache takes these for
    two questions; reading takes as long as everything else before the first component learns.
    """

    _phrases: TrainingData | None = None

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return the phrases.

        Args:
            language: of the first caller; the repository has one.

        Raises:
            YamlException: a file is not as Rasa's schema wants it.
        """
        if self._phrases is None:
            self._phrases = super().get_nlu_data(language)
        return self._phrases
