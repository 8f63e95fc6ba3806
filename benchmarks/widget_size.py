"""How much a family's phone loads: our chat widget beside the widgets that the npm registry offers for Rasa.

Run: `python -m benchmarks.widget_size [--json FILE]`. It fetches the packages with `npm pack` into a
temporary folder; nothing of them is kept. Sizes are measured, in bytes: as they are, and
compressed with gzip -9. Ours are measured as the assistant sends them.
"""

import argparse
import gzip
import json
import subprocess
import tarfile
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from family_guide.channels.pages import read_files

OTHERS = {
    # The file that the package's own README has a page load.
    "deep-chat": "package/dist/deepChat.bundle.js",
    "rasa-webchat": "package/lib/index.js",
}


@dataclass(frozen=True)
class Size:
    """What one widget weighs.

    Attributes:
        name: of the widget.
        version: of the package, or "here".
        files: how many files a page loads.
        raw: bytes.
        gzipped: bytes.
    """

    name: str
    version: str
    files: int
    raw: int
    gzipped: int


def ours() -> Size:
    """Return the size of every script of the widget, styles and texts included."""
    scripts = [file for name, file in read_files()[0].items() if name.endswith(".js")]
    raw, gzipped = sum(len(f.body) for f in scripts), sum(len(f.compressed) for f in scripts)
    return Size("family-guide", "here", len(scripts), raw, gzipped)


def published(name: str, file: str, folder: Path) -> Size:
    """Return the size of a package's bundle.

    Args:
        name: of the package in the npm registry.
        file: the bundle's path in it.
        folder: where the package may be put.

    Raises:
        subprocess.CalledProcessError: npm could not fetch it.
        KeyError: the package has no such file.
    """
    command = ["npm", "pack", "--json", "--silent", name]
    packed = json.loads(subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout)[0]
    with tarfile.open(folder / packed["filename"]) as package:
        bundle = package.extractfile(file)
        assert bundle is not None, f"{file} is no file"
        content = bundle.read()
    return Size(name, packed["version"], 1, len(content), len(gzip.compress(content, 9)))


def table(sizes: list[Size]) -> str:
    """Return the sizes as a table in Markdown."""
    lines = ["| widget | version | files | raw, bytes | gzipped, bytes | times ours |", "|---|---|---:|---:|---:|---:|"]
    for size in sizes:
        times = size.gzipped / sizes[0].gzipped
        lines.append(f"| {size.name} | {size.version} | {size.files} | {size.raw:,} | {size.gzipped:,} | {times:.1f} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sizes = [ours(), *(published(name, file, Path(folder)) for name, file in OTHERS.items())]
    print(table(sizes))
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(size) for size in sizes], indent=2) + "\n")


if __name__ == "__main__":
    main()
