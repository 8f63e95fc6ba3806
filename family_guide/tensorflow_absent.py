"""Serve without TensorFlow: Rasa imports it, and nothing that answers a family uses it.

Rasa's modules name TensorFlow when they are imported, because its own classifiers (DIET, TED) stand beside everything
else. Loading it costs each server about three seconds and a quarter of its memory. Where the pipeline needs none of
those classifiers, placeholders stand in for it while Rasa is imported; whoever calls one of them afterwards gets an
error that says so. Training has a process of its own and the real TensorFlow. See docs/decisions/0011-no-tensorflow.md.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

_PACKAGES = frozenset({"tensorflow", "tensorflow_addons", "tensorflow_text", "tensorflow_hub", "keras"})
_OURS = "family_guide."
_WITHOUT = frozenset({"RulePolicy", "MemoizationPolicy"})
"""Rasa's own components that do without TensorFlow."""


class TensorFlowAbsent(RuntimeError):
    """Something asked TensorFlow to work in a process that was started without it."""


class _Placeholder(type):
    """A class for each name in TensorFlow: modules can be imported that inherit from it or decorate with it."""

    sealed = False

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = _Placeholder(name, (Absent,), {})
        setattr(cls, name, made)
        return made

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        if _Placeholder.sealed:
            raise TensorFlowAbsent(
                f"TensorFlow ({cls.__name__}) is not loaded in this process. If config.yml names a component of Rasa "
                f"that needs it, {__name__} has to know of it."
            )
        # A decorator, with arguments of its own or without.
        return arguments[0] if len(arguments) == 1 and not named and callable(arguments[0]) else cls

    def __getitem__(cls, key: Any) -> Any:
        return cls


class Absent(metaclass=_Placeholder):
    """What every placeholder inherits from."""


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(Absent, name)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a placeholder for TensorFlow and all its modules."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.split(".", 1)[0] not in _PACKAGES:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = _Module(spec.name)
        module.__path__ = []
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Do nothing: there is nothing in it."""


def can_do_without(config: Path) -> bool:
    """Return whether no component that config.yml names needs TensorFlow to answer.

    Args:
        config: Rasa's configuration: `pipeline` and `policies`, a list with `name:` each.

    Raises:
        OSError: the file cannot be read.
    """
    content = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
    components = [*(content.get("pipeline") or ()), *(content.get("policies") or ())]
    names = [item.get("name", "") if isinstance(item, dict) else str(item) for item in components]
    return bool(names) and all(name.startswith(_OURS) or name in _WITHOUT for name in names)


def import_rasa_without_tensorflow(config: Path) -> bool:
    """Import Rasa's agent with placeholders for TensorFlow, where the configuration allows that.

    Args:
        config: see `can_do_without`.

    Returns:
        Whether it was done: not where TensorFlow is needed, or was already imported.

    Raises:
        OSError: the file cannot be read.
    """
    if not _PACKAGES.isdisjoint(sys.modules) or not can_do_without(config):
        return False
    sys.meta_path.insert(0, _Finder())
    import rasa.core.agent
    import rasa.engine.recipes.default_components  # noqa: F401

    _Placeholder.sealed = True
    return True
