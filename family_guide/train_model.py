"""The process that trains one model: `python -m family_guide.train_model TARGET`."""

import logging
import sys
import tempfile
from functools import partial
from pathlib import Path

import dask
import dask.threaded
from rasa.model_training import train

from family_guide.logs import configure_logs
from family_guide.settings import ROOT

_SECONDS_OF_PYTHON = 0.0005
"""How long one thread keeps the interpreter while another wants it: a tenth of what Python itself gives it."""


def main(target: Path) -> None:
    """Train a model from the files in the repository.

    Args:
        target: where the model is put, whole or not at all.
    """
    configure_logs(logging.WARNING)
    # Rasa has dask run one component after another. What the safety net learns needs nothing of what the classifier
    # does, and one core: they learn beside each other. Who computes outside of Python wants the interpreter back every
    # few milliseconds, and waits for who does not.
    sys.setswitchinterval(_SECONDS_OF_PYTHON)
    dask.get = partial(dask.threaded.get, num_workers=2)  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        result = train(
            domain=str(ROOT / "domain.yml"),
            config=str(ROOT / "config.yml"),
            training_files=[str(ROOT / "data")],
            output=folder,
            fixed_model_name="model",
            force_training=True,
        )
        if result.model:
            Path(result.model).replace(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
