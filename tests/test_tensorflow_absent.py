"""A server answers without TensorFlow, and says so if something needs it."""

import subprocess
import sys
from pathlib import Path

import pytest

from family_guide.settings import ROOT
from family_guide.tensorflow_absent import can_do_without, import_rasa_without_tensorflow


def test_the_running_assistant_has_not_loaded_tensorflow(assistant):
    assert assistant.ask("what is asps")["kind"] == "answer"
    loaded = Path(f"/proc/{assistant.process.pid}/maps").read_text()
    assert "onnxruntime" in loaded
    assert "tensorflow" not in loaded


@pytest.mark.parametrize(
    ("config", "without"),
    [
        ("pipeline: [{name: family_guide.nlu.spelling.Spelling}]\npolicies: [{name: RulePolicy}]", True),
        ("pipeline: [{name: WhitespaceTokenizer}, {name: DIETClassifier}]", False),
        ("pipeline: [{name: family_guide.nlu.spelling.Spelling}]\npolicies: [{name: TEDPolicy}]", False),
        ("pipeline: [{name: other.Component}]", False),
        ("", False),
    ],
)
def test_only_a_configuration_that_needs_none_does_without(tmp_path, config, without):
    file = tmp_path / "config.yml"
    file.write_text(config)
    assert can_do_without(file) is without


def test_the_shipped_configuration_does_without():
    assert can_do_without(ROOT / "config.yml")


def test_where_it_is_loaded_already_it_stays():
    import tensorflow

    assert not import_rasa_without_tensorflow(ROOT / "config.yml")
    assert sys.modules["tensorflow"] is tensorflow
    assert int(tensorflow.constant(2) + 1) == 3


def test_what_calls_it_afterwards_is_told_why():
    code = (
        "from pathlib import Path\n"
        "from family_guide.tensorflow_absent import *\n"
        "assert import_rasa_without_tensorflow(Path('config.yml'))\n"
        "import tensorflow as tf\n"
        "try:\n    tf.constant(1)\n"
        "except TensorFlowAbsent as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert "TensorFlow (constant) is not loaded" in done.stdout, done.stderr
