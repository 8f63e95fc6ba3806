"""Sentence embeddings in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from family_guide.nlu import bert_graph
from family_guide.nlu.small_numbers import shrink
from family_guide.nlu.weights import Original, WeightsError, token_ids

BATCH = 32
Floats = npt.NDArray[np.float32]


class SentenceEncoder:
    """Turns sentences into vectors of length 1.

    Args:
        original: the sentence model's weights.
        changed: tensors that replace those of the same name; of any precision.
        eight_bits: compute in whole numbers (see small_numbers).

    Attributes:
        size: how many numbers a vector has.

    Raises:
        WeightsError: a changed tensor is none of the model's, or has another shape.
    """

    def __init__(
        self, original: Original, changed: Mapping[str, npt.NDArray[Any]] | None = None, eight_bits: bool = False
    ) -> None:
        weights = dict(original.weights)
        for name, tensor in (changed or {}).items():
            if name not in weights or weights[name].shape != tensor.shape:
                raise WeightsError(f"The trained model does not fit the sentence model ({name}). Train it again.")
            weights[name] = tensor.astype(np.float32)
        self.size = int(original.config["hidden_size"])
        # Of the original no more is kept: its weights would stay in memory beside those of the session.
        self._tokenizer = original.tokenizer
        # In whole numbers the scale of what is multiplied depends on all that is computed at once: one text at a time,
        # so that none changes another's result.
        self._eight_bits = eight_bits
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

    def encode(self, texts: Sequence[str], together: int = 1) -> Floats:
        """Return one row per text, each of length 1.

        Args:
            texts: any strings; an empty one has a vector too (that of no words).
            together: with eight bits, how many texts of one length are computed at once. With more than one each
                changes the others' rows a little, no more than eight bits change them anyway, and it takes less time:
                for learning, not for answers.

        Returns:
            float32, shape (number of texts, `size`), in the order of the texts.
        """
        ids = token_ids(self._tokenizer, texts)
        rows: Floats = np.zeros((len(texts), self.size), dtype=np.float32)
        # By length, so that short sentences are not padded to the longest of all.
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        for some in self._batches(order, ids, together):
            tokens = np.zeros((len(some), len(ids[some[-1]])), np.int64)
            mask = np.zeros_like(tokens)
            for row, i in enumerate(some):
                tokens[row, : len(ids[i])] = ids[i]
                mask[row, : len(ids[i])] = 1
            rows[some] = self._session.run(None, {"input_ids": tokens, "attention_mask": mask})[0]
        return rows

    def _batches(self, order: list[int], ids: Sequence[Sequence[int]], together: int) -> Iterator[list[int]]:
        """Return the texts, in order of their length, as they are computed at once."""
        if not self._eight_bits:
            yield from (order[start : start + BATCH] for start in range(0, len(order), BATCH))
            return
        # What is padded would count for the scale of what is multiplied.
        for _, alike in groupby(order, key=lambda i: len(ids[i])):
            same = list(alike)
            yield from (same[start : start + together] for start in range(0, len(same), together))


@lru_cache(maxsize=2)
def shared_encoder(folder: Path, sha256: str, max_tokens: int) -> SentenceEncoder:
    """Return the encoder with the weights as they are, loaded once per process (see Original)."""
    return SentenceEncoder(Original(folder, sha256, max_tokens))
