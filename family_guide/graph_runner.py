"""Runs the components of a model one after another, in an order that is found once.

Rasa has dask plan the same dozen components anew for every message and for every action that follows it, which takes
longer than most of the components do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any

from rasa.engine.graph import GraphNode, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner

Output = tuple[str, Any]
Step = tuple[str, Callable[..., Output], tuple[str, ...]]


class GraphInOrder:
    """Stands in for the runner of a loaded model.

    Args:
        runner: Rasa's, whose components are used.
    """

    def __init__(self, runner: DaskGraphRunner) -> None:
        self._schema: GraphSchema = runner._graph_schema
        self._nodes: Mapping[str, GraphNode] = runner._instantiated_nodes
        self._steps: dict[tuple[str, ...], list[Step]] = {}

    def run(self, inputs: Mapping[str, Any] | None = None, targets: Sequence[str] | None = None) -> dict[str, Any]:
        """Run what the targets need.

        Args:
            inputs: by the names that components need them under.
            targets: names of components; those of the schema if left out.

        Returns:
            The output of each target, by its name.

        Raises:
            rasa.engine.exceptions.GraphRunError: an input is missing.
            rasa.engine.exceptions.GraphComponentException: a component failed.
        """
        wanted = tuple(targets or self._schema.target_names)
        if wanted not in self._steps:
            self._steps[wanted] = self._steps_to(wanted)
        known: dict[str, Output] = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, node, needs in self._steps[wanted]:
            # What nobody made is passed on by its name: the component says what it misses.
            known[name] = node(*(known.get(need, need) for need in needs))
        return {name: known[name][1] for name in wanted}

    def _steps_to(self, targets: tuple[str, ...]) -> list[Step]:
        needed = self._schema.minimal_graph_schema(list(targets)).nodes
        needs = {name: tuple(node.needs.values()) for name, node in needed.items()}
        order = TopologicalSorter(needs).static_order()
        return [(name, self._nodes[name], needs[name]) for name in order if name in needs]
