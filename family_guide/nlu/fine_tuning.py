"""Fine-tuning of the sentence encoder's last layers, in TensorFlow.

The lower layers stay as they are, so their result is computed once per phrase;
each pass then costs only the layers that learn. TensorFlow is imported when a
model is trained, never to serve one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from family_guide.nlu.linear import fit_linear

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int_]

_PROCESSOR = Path("/proc/cpuinfo")
"""Where Linux says what the processor can do."""
_HALVES = frozenset({"amx_bf16", "avx512_bf16"})
"""Its names for units that multiply bfloat16."""
_BETAS = (0.9, 0.98)
_LINEAR = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")
_PARTS = (*_LINEAR, "intermediate.dense", "output.dense", "attention.output.LayerNorm", "output.LayerNorm")


@dataclass(frozen=True)
class TuningPlan:
    """How to learn.

    Attributes:
        layers: how many of the encoder's last layers learn.
        epochs: how often every phrase is seen.
        batch: phrases to a step.
        rate: greatest learning rate of the encoder.
        head_rate: greatest learning rate of the linear classifier on top.
        smoothing: share of each target that is spread over all labels.
        C: inverse strength of the regularisation of the classifier that learning starts from.
    """

    layers: int
    epochs: int
    batch: int
    rate: float
    head_rate: float
    smoothing: float
    C: float


def multiplies_halves() -> bool:
    """Return whether the processor multiplies bfloat16 faster than 32 bits: AMX in a fifth of the time, AVX512 in half.

    Elsewhere learning is in 32 bits: there halves are slower.
    """
    try:
        return not _HALVES.isdisjoint(_PROCESSOR.read_text("ascii", "replace").split())
    except OSError:
        return False


class FineTuner:
    """An encoder whose last layers learn together with a linear classifier.

    Args:
        weights: the encoder's tensors, by the names that Hugging Face's BertModel gives them.
        config: the encoder's `config.json`.
        ids: the token numbers of each phrase.
        wanted: the label number of each phrase, from 0.
        labels: how many labels there are.
        plan: how to learn.
        known: the phrases (numbers of `ids`) that the classifier starts from.
        mistyped: the token numbers of each phrase with a typing error, in the order of `ids`; empty if none is to be
            learned with one.
    """

    def __init__(
        self,
        weights: Mapping[str, npt.NDArray[Any]],
        config: Mapping[str, Any],
        ids: Sequence[Sequence[int]],
        wanted: Integers,
        labels: int,
        plan: TuningPlan,
        known: Integers,
        mistyped: Sequence[Sequence[int]] = (),
    ) -> None:
        import tensorflow  # type: ignore[import-untyped]

        self._tf: Any = tensorflow
        self._kind = tensorflow.bfloat16 if multiplies_halves() else tensorflow.float32
        self._plan, self._labels = plan, labels
        self._phrases = len(ids)
        self._wanted = np.concatenate([wanted, wanted[: len(mistyped)]])
        self._size, self._heads = int(config["hidden_size"]), int(config["num_attention_heads"])
        self._epsilon = float(config["layer_norm_eps"])
        depth = int(config["num_hidden_layers"])
        self._random = np.random.default_rng(1)
        self._first = max(0, depth - plan.layers)
        names = [self._names(layer) for layer in range(depth)]
        lower = [{k: tensorflow.constant(weights[n]) for k, n in some.items()} for some in names[: self._first]]
        self._upper = [{k: tensorflow.Variable(weights[n]) for k, n in some.items()} for some in names[self._first :]]
        self._build(weights, lower)
        every = [*ids, *mistyped]
        self._lengths = np.array([len(i) for i in every])
        self._hidden = self._lower_result(every)
        start = fit_linear(self.embed(known), wanted[known], labels, plan.C, max_iter=20)
        self._coefficients = tensorflow.Variable(start[0].T.astype(np.float32))
        self._intercepts = tensorflow.Variable(start[1].astype(np.float32))
        learning = [v for layer in self._upper for v in layer.values()]
        self._learning = [*learning, self._coefficients, self._intercepts]
        self._of_head = {id(self._coefficients), id(self._intercepts)}
        self._moments = [tuple(tensorflow.Variable(tensorflow.zeros_like(v)) for _ in range(2)) for v in self._learning]
        self._steps = 0

    @staticmethod
    def _names(layer: int) -> dict[str, str]:
        return {f"{p}.{k}": f"encoder.layer.{layer}.{p}.{k}" for p in _PARTS for k in ("weight", "bias")}

    def _build(self, weights: Mapping[str, npt.NDArray[Any]], lower: list[dict[str, Any]]) -> None:
        """Make the TensorFlow functions."""
        tf = self._tf
        words = tf.constant(weights["embeddings.word_embeddings.weight"])
        # Every message is one segment, the first.
        places = tf.constant(
            weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][:1]
        )
        first = {f"norm.{k}": tf.constant(weights[f"embeddings.LayerNorm.{k}"]) for k in ("weight", "bias")}
        mask = tf.TensorSpec([None, None], tf.float32)
        hidden = tf.TensorSpec([None, None, self._size], tf.float32)

        @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32), mask])
        def below(ids: Any, mask: Any) -> Any:
            x = tf.gather(words, ids) + places[: tf.shape(ids)[1]]
            x = self._norm(tf.reshape(x, [-1, self._size]), first, "norm")
            return tf.reshape(self._layers(x, mask, lower), [tf.shape(ids)[0], -1, self._size])

        def above(x: Any, mask: Any) -> Any:
            length = tf.shape(x)[1]
            x = self._layers(tf.reshape(x, [-1, self._size]), mask, self._upper)
            x = tf.reshape(x, [-1, length, self._size])
            mean = tf.reduce_sum(x * mask[:, :, None], 1) / tf.reduce_sum(mask, 1, keepdims=True)
            return tf.math.l2_normalize(mean, -1)

        single = tf.TensorSpec([], tf.float32)

        @tf.function(autograph=False, input_signature=[hidden, mask, tf.TensorSpec([None], tf.int32), single, single])
        def step(x: Any, mask: Any, wanted: Any, share: Any, number: Any) -> Any:
            plan, labels = self._plan, self._labels
            with tf.GradientTape() as tape:
                scores = tf.matmul(above(x, mask), self._coefficients) + self._intercepts
                targets = tf.one_hot(wanted, labels) * (1 - plan.smoothing) + plan.smoothing / labels
                loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, scores))
            gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, self._learning), 1.0)
            for variable, moments, gradient in zip(self._learning, self._moments, gradients, strict=True):
                tf.raw_ops.ResourceApplyAdam(
                    var=variable.handle,
                    m=moments[0].handle,
                    v=moments[1].handle,
                    beta1_power=_BETAS[0] ** number,
                    beta2_power=_BETAS[1] ** number,
                    lr=share * (plan.head_rate if id(variable) in self._of_head else plan.rate),
                    beta1=_BETAS[0],
                    beta2=_BETAS[1],
                    epsilon=1e-6,
                    grad=gradient,
                )
            return loss

        self._below, self._step = below, step
        self._above = tf.function(above, autograph=False, input_signature=[hidden, mask])

    def _linear(self, x: Any, layer: dict[str, Any], name: str) -> Any:
        tf = self._tf
        product = tf.matmul(tf.cast(x, self._kind), tf.cast(layer[f"{name}.weight"], self._kind), transpose_b=True)
        return tf.nn.bias_add(tf.cast(product, tf.float32), layer[f"{name}.bias"])

    def _norm(self, x: Any, layer: dict[str, Any], name: str) -> Any:
        tf = self._tf
        centred = x - tf.reduce_mean(x, -1, keepdims=True)
        spread = tf.reduce_mean(centred * centred, -1, keepdims=True)
        scaled = centred * tf.math.rsqrt(spread + self._epsilon)
        return scaled * layer[f"{name}.weight"] + layer[f"{name}.bias"]

    def _layers(self, x: Any, mask: Any, layers: list[dict[str, Any]]) -> Any:
        """Return what the layers make of x, which has one row per token, padding included."""
        tf = self._tf
        size = self._size // self._heads
        shape = [tf.shape(mask)[0], tf.shape(mask)[1], self._heads, size]
        penalty = (mask[:, None, None, :] - 1.0) * 1e9
        for layer in layers:
            query, key, value = (
                tf.transpose(tf.reshape(self._linear(x, layer, name), shape), [0, 2, 1, 3]) for name in _LINEAR[:3]
            )
            attention = tf.nn.softmax(tf.matmul(query, key, transpose_b=True) / float(np.sqrt(size)) + penalty)
            context = tf.reshape(tf.transpose(tf.matmul(attention, value), [0, 2, 1, 3]), [-1, self._size])
            x = self._norm(self._linear(context, layer, _LINEAR[3]) + x, layer, "attention.output.LayerNorm")
            inner = tf.nn.gelu(self._linear(x, layer, "intermediate.dense"))
            x = self._norm(self._linear(inner, layer, "output.dense") + x, layer, "output.LayerNorm")
        return x

    def _lower_result(self, ids: Sequence[Sequence[int]]) -> list[npt.NDArray[np.float16]]:
        result: list[npt.NDArray[np.float16]] = [np.zeros((0, 0), np.float16)] * len(ids)
        for some in self._batches(np.arange(len(ids)), 128):
            tokens = np.zeros((len(some), self._lengths[some].max()), np.int32)
            for row, i in enumerate(some):
                tokens[row, : self._lengths[i]] = ids[i]
            made = self._below(tokens, self._mask(some)).numpy()
            for row, i in enumerate(some):
                # Half precision: the phrases wait here through the whole training.
                result[i] = made[row, : self._lengths[i]].astype(np.float16)
        return result

    def _mask(self, some: Integers) -> Floats:
        longest = self._lengths[some].max()
        return (np.arange(longest)[None, :] < self._lengths[some][:, None]).astype(np.float32)

    def _padded(self, some: Integers) -> tuple[Floats, Floats]:
        mask = self._mask(some)
        x = np.zeros((*mask.shape, self._size), np.float32)
        for row, i in enumerate(some):
            x[row, : self._lengths[i]] = self._hidden[i]
        return x, mask

    def _batches(self, rows: Integers, size: int, shuffle: bool = False) -> list[Integers]:
        """Return the rows in batches of about equal length, so that little is padded."""
        jitter = self._random.random(len(rows)) if shuffle else np.zeros(len(rows))
        order = rows[np.argsort(self._lengths[rows] + jitter, kind="stable")]
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        if shuffle:
            self._random.shuffle(batches)
        return batches

    def _mistyped(self, rows: Integers, share: float, epochs: int) -> Iterator[Integers]:
        """Return the rows for each epoch, some of them in their mistyped form: others in each, and each in its turn."""
        turn = self._random.random(len(rows))
        for epoch in range(epochs):
            yield np.where((turn + epoch * share) % 1.0 < share, rows + self._phrases, rows)

    def learn(self, rows: Integers, epochs: int, share: float = 1.0, mistyped: float = 0.0) -> None:
        """Learn from some of the phrases.

        Args:
            rows: numbers of the phrases.
            epochs: how often each is seen.
            share: factor on both learning rates.
            mistyped: share of the phrases that are shown with their typing error in place of themselves, others in each
                epoch.

        Raises:
            ValueError: phrases are to be shown mistyped, and were not given so.
        """
        if mistyped and len(self._wanted) == self._phrases:
            raise ValueError("mistyped: the phrases were given without typing errors. Pass `mistyped` to FineTuner.")
        shown = self._mistyped(rows, mistyped, epochs)
        batches = [some for now in shown for some in self._batches(now, self._plan.batch, shuffle=True)]
        total, rise = len(batches), max(1.0, 0.1 * len(batches))
        for number, some in enumerate(batches, 1):
            self._steps += 1
            # Up for the first tenth, then down to nothing.
            part = share * min(number / rise, (total - number + 1) / max(1.0, total - rise))
            self._step(
                *self._padded(some),
                self._wanted[some].astype(np.int32),
                np.float32(part),
                np.float32(self._steps),
            )

    def embed(self, rows: Integers) -> Floats:
        """Return the embeddings, of length 1, of some of the phrases as things stand."""
        place = {int(row): i for i, row in enumerate(rows)}
        result: Floats = np.zeros((len(rows), self._size), np.float32)
        for some in self._batches(rows, 128):
            result[[place[int(row)] for row in some]] = self._above(*self._padded(some)).numpy()
        return result

    def head(self) -> tuple[Floats, Floats]:
        """Return the classifier: coefficients (labels by size) and intercepts (labels)."""
        return self._coefficients.numpy().T.copy(), self._intercepts.numpy()

    def changed(self) -> dict[str, npt.NDArray[np.float16]]:
        """Return the tensors that learned, in half precision, by their names in the encoder."""
        return {
            self._names(self._first + number)[part]: variable.numpy().astype(np.float16)
            for number, layer in enumerate(self._upper)
            for part, variable in layer.items()
        }
