"""A BERT encoder as an ONNX graph, built from its weights alone.

The weights come as a safetensors file without code. Building the graph here
keeps torch out of the installation and lets ONNX Runtime, which is faster on one
short sentence, run it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

OPSET = 20
"""The first version of the ONNX operators that has Gelu."""

Array = npt.NDArray[Any]


class _Graph:
    """Collects nodes and constants, naming results as it goes."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, Array] = {}

    def constant(self, name: str, value: Array) -> str:
        self.constants[name] = value
        return name

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        result = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [result], **attributes))
        return result


def build(weights: Mapping[str, Array], config: Mapping[str, Any]) -> ModelProto:
    """Build the graph of a BERT encoder with mean pooling and unit length.

    Args:
        weights: the tensors by the names that Hugging Face's BertModel gives them.
        config: the model's `config.json` (hidden_size, num_attention_heads,
            num_hidden_layers, layer_norm_eps).

    Returns:
        A model with the inputs `input_ids` and `attention_mask` (int64, batch by
        length) and the output `embedding` (float32, batch by hidden_size), each
        row the mean of its token vectors scaled to length 1, as
        sentence-transformers computes it.

    Raises:
        KeyError: a tensor or a configuration key is missing.
    """
    graph = _Graph()
    hidden, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
    size = hidden // heads
    epsilon = float(config["layer_norm_eps"])

    def weight(name: str, transpose: bool = False) -> str:
        tensor = weights[name]
        return graph.constant(name, np.ascontiguousarray(tensor.T) if transpose else tensor)

    def linear(x: str, name: str) -> str:
        product = graph.node("MatMul", x, weight(f"{name}.weight", transpose=True))
        return graph.node("Add", product, weight(f"{name}.bias"))

    def norm(x: str, name: str) -> str:
        return graph.node(
            "LayerNormalization", x, weight(f"{name}.weight"), weight(f"{name}.bias"), axis=-1, epsilon=epsilon
        )

    split = graph.constant("shape.heads", np.array([0, 0, heads, size], dtype=np.int64))
    join = graph.constant("shape.hidden", np.array([0, 0, hidden], dtype=np.int64))
    zero = graph.constant("axis.first", np.array([0], dtype=np.int64))
    one = graph.constant("axis.second", np.array([1], dtype=np.int64))
    last = graph.constant("axis.last", np.array([-1], dtype=np.int64))
    two = graph.constant("axis.third", np.array([2], dtype=np.int64))

    # Token, position and segment: every message is one segment, the first.
    tokens = graph.node("Gather", weight("embeddings.word_embeddings.weight"), "input_ids")
    length = graph.node("Shape", "input_ids", start=1, end=2)
    positions = graph.node("Slice", weight("embeddings.position_embeddings.weight"), zero, length, zero)
    segment = graph.constant("embeddings.first_segment", weights["embeddings.token_type_embeddings.weight"][:1])
    x = graph.node("Add", graph.node("Add", tokens, positions), segment)
    x = norm(x, "embeddings.LayerNorm")

    mask = graph.node("Cast", "attention_mask", to=TensorProto.FLOAT)
    minus = graph.node("Sub", mask, graph.constant("one", np.array(1.0, dtype=np.float32)))
    penalty = graph.node("Mul", minus, graph.constant("large", np.array(1e9, dtype=np.float32)))
    penalty = graph.node("Unsqueeze", penalty, graph.constant("axes.heads", np.array([1, 2], dtype=np.int64)))
    scale = graph.constant("scale", np.array(1.0 / np.sqrt(size), dtype=np.float32))

    for number in range(int(config["num_hidden_layers"])):
        layer = f"encoder.layer.{number}"

        def parts(source: str, name: str, order: list[int]) -> str:
            return graph.node("Transpose", graph.node("Reshape", linear(source, name), split), perm=order)

        query = parts(x, f"{layer}.attention.self.query", [0, 2, 1, 3])
        key = parts(x, f"{layer}.attention.self.key", [0, 2, 3, 1])
        value = parts(x, f"{layer}.attention.self.value", [0, 2, 1, 3])
        scores = graph.node("Add", graph.node("Mul", graph.node("MatMul", query, key), scale), penalty)
        context = graph.node("MatMul", graph.node("Softmax", scores, axis=-1), value)
        context = graph.node("Reshape", graph.node("Transpose", context, perm=[0, 2, 1, 3]), join)
        attended = linear(context, f"{layer}.attention.output.dense")
        x = norm(graph.node("Add", attended, x), f"{layer}.attention.output.LayerNorm")
        inner = graph.node("Gelu", linear(x, f"{layer}.intermediate.dense"))
        x = norm(graph.node("Add", linear(inner, f"{layer}.output.dense"), x), f"{layer}.output.LayerNorm")

    weighted = graph.node("Unsqueeze", mask, two)
    total = graph.node("ReduceSum", graph.node("Mul", x, weighted), one, keepdims=0)
    count = graph.node("ReduceSum", mask, last, keepdims=1)
    mean = graph.node("Div", total, count)
    square = graph.node("ReduceSum", graph.node("Mul", mean, mean), last, keepdims=1)
    graph.nodes.append(helper.make_node("Div", [mean, graph.node("Sqrt", square)], ["embedding"]))

    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            "sentence_encoder",
            [
                helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"]),
                helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["batch", "length"]),
            ],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", hidden])],
            [numpy_helper.from_array(np.asarray(v), k) for k, v in graph.constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=9,
    )
