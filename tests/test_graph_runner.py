"""Our runner of a model's components does what Rasa's does."""

from types import SimpleNamespace

import pytest
from rasa.engine.graph import GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner

from family_guide.graph_runner import GraphInOrder


def node(needs, target=False):
    return SchemaNode(needs=needs, uses=object, constructor_name="create", fn="run", config={}, is_target=target)


SCHEMA = GraphSchema(
    {
        "last": node({"left": "double", "right": "one_more"}, target=True),
        "double": node({"value": "__number__"}),
        "one_more": node({"value": "double"}),
        "unused": node({"value": "__number__"}),
    }
)


def fail(*_):
    raise AssertionError("nobody needs this one")


def runners():
    """Return Rasa's runner and ours, with functions in place of components."""
    rasas = SimpleNamespace(
        _graph_schema=SCHEMA,
        _execution_context=None,
        _instantiated_nodes={
            "last": lambda left, right: ("last", left[1] * right[1]),
            "double": lambda number: ("double", 2 * number[1]),
            "one_more": lambda number: ("one_more", number[1] + 1),
            "unused": fail,
        },
    )
    for name in ("_build_dask_graph", "_add_inputs_to_graph", "run"):
        attribute = getattr(DaskGraphRunner, name)
        setattr(rasas, name, attribute if name.startswith("_add") else attribute.__get__(rasas))
    return rasas, GraphInOrder(rasas)


@pytest.mark.parametrize("targets", [None, ["last"], ["double"], ["one_more", "double"]])
def test_it_gives_what_rasas_gives(targets):
    rasas, ours = runners()
    for number in (1, 20, 1):
        assert ours.run({"__number__": number}, targets) == rasas.run({"__number__": number}, targets)


def test_what_nobody_made_is_passed_on_by_its_name():
    rasas, ours = runners()
    assert ours.run({}, ["double"]) == rasas.run({}, ["double"]) == {"double": 2 * "_"}
