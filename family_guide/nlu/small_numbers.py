"""Eight-bit weights for an ONNX graph: less to read from memory, and so faster."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, helper, numpy_helper

_STEPS = 63
"""Seven bits with sign: on processors without VNNI, eight would overflow in pairs."""


def shrink(model: ModelProto) -> ModelProto:
    """Return the model with every product with constant weights computed in whole numbers.

    Each column of the weights has its own scale; what it is multiplied with is
    scaled as it comes. The weights lose precision once and for all.

    Args:
        model: a graph in 32-bit floating point; it is not changed.
    """
    result = ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    whole: dict[str, Any] = {}
    nodes = []
    for node in graph.node:
        tensor = constants.get(node.input[1]) if node.op_type == "MatMul" else None
        if tensor is None:
            nodes.append(node)
            continue
        x, name, out = node.input[0], node.input[1], node.output[0]
        weights: npt.NDArray[Any] = numpy_helper.to_array(tensor)
        scale = np.maximum(np.abs(weights).max(axis=0), 1e-9) / _STEPS
        whole[name] = None
        for key, value in (
            (f"{name}.whole", np.round(weights / scale).astype(np.int8)),
            (f"{name}.scale", scale.astype(np.float32)),
            (f"{name}.zero", np.zeros((), np.int8)),
        ):
            graph.initializer.append(numpy_helper.from_array(np.asarray(value), key))
        if f"{x}.whole" not in whole:
            whole[f"{x}.whole"] = None
            made = [f"{x}.whole", f"{x}.scale", f"{x}.zero"]
            nodes.append(helper.make_node("DynamicQuantizeLinear", [x], made))
        factors = [f"{x}.whole", f"{name}.whole", f"{x}.zero", f"{name}.zero"]
        nodes += [
            helper.make_node("MatMulInteger", factors, [f"{out}.sum"]),
            helper.make_node("Cast", [f"{out}.sum"], [f"{out}.float"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{x}.scale", f"{name}.scale"], [f"{out}.scale"]),
            helper.make_node("Mul", [f"{out}.float", f"{out}.scale"], [out]),
        ]
    del graph.node[:]
    graph.node.extend(nodes)
    kept = [t for t in graph.initializer if t.name not in whole]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    return result
