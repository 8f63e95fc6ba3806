"""The chat in the terminal, on the real model."""

import os
import subprocess
import sys
from pathlib import Path

from family_guide.settings import ROOT

CODE = """
from pathlib import Path
from family_guide.cli import main
assert main(["chat"]) == 0
print("TensorFlow is loaded:", "tensorflow" in Path("/proc/self/maps").read_text())
"""


def test_the_terminal_answers_with_a_source_and_does_without_tensorflow(model: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        env={**os.environ, "FAMILY_GUIDE_VAR": str(tmp_path), "FAMILY_GUIDE_MODELS": str(model.parent)},
        input="what is asps\nquit\n",
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    assert "(From: " in done.stdout
    assert done.stdout.endswith("TensorFlow is loaded: False\n")
