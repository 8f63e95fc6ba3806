"""The sentence encoder with some of its tensors replaced by ones that training changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from family_guide.nlu import bert_graph
from family_guide.nlu.sentence_encoder import SentenceEncoder, WeightsError
from family_guide.nlu.small_numbers import shrink

Tensors = dict[str, npt.NDArray[Any]]


class Original:
    """The weights as the package has them, checked, with what belongs to them.

    Args:
        folder: as for SentenceEncoder.
        sha256: hexadecimal SHA-256 that `model.safetensors` must have.
        max_tokens: what is longer is cut off.

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
        self.weights: Tensors = load_file(weights_file)
        self.config: dict[str, Any] = json.loads((folder / "config.json").read_text())
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(max_tokens)
        self.tokenizer.no_padding()

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token numbers of each text, not padded."""
        return [list(e.ids) for e in self.tokenizer.encode_batch(list(texts))]


class TunedEncoder(SentenceEncoder):
    """A SentenceEncoder whose last layers were fine-tuned.

    Args:
        original: the weights that tuning started from.
        changed: tensors that replace those of the same name; of any precision.
        eight_bits: compute in whole numbers (see small_numbers).

    Raises:
        WeightsError: a changed tensor is none of the model's, or has another shape.
    """

    def __init__(self, original: Original, changed: Mapping[str, npt.NDArray[Any]], eight_bits: bool = False) -> None:
        weights = dict(original.weights)
        for name, tensor in changed.items():
            if name not in weights or weights[name].shape != tensor.shape:
                raise WeightsError(f"The trained model does not fit the sentence model ({name}). Train it again.")
            weights[name] = tensor.astype(np.float32)
        self._single = eight_bits
        self.size = int(original.config["hidden_size"])
        self._tokenizer = original.tokenizer
        self._tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        # More threads are slower for one short sentence, and the servers are many.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        model = bert_graph.build(weights, original.config)
        if eight_bits:
            model = shrink(model)
        self._session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one row per text, each of length 1 (see SentenceEncoder).

        In whole numbers the scale of what is multiplied depends on all that is
        computed at once: one text at a time, so that none changes another's result.
        """
        if not self._single or len(texts) < 2:
            return super().encode(texts)
        return np.vstack([super(TunedEncoder, self).encode([text]) for text in texts])
