"""`make audit`: what could be a weakness, what of it was accepted and why, and what could not be checked.

Runs bandit over the code, detect-secrets over the files in git, pip-audit over both locked environments, and
writes a bill of materials for each. Ends with 1 where something is found that audit/accepted.yml does not accept, or
where an acceptance matches nothing any more. What could not be checked is said, and ends with 1 under --strict.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CODE = ("family_guide", "actions", "staff", "audit", "benchmarks")
NOT_CODE = ("staff/.venv", "staff/tests", "audit/.venv")
ENVIRONMENTS = {"assistant": ROOT, "staff": ROOT / "staff"}
KNOWN_TO_BE_BAD = "urllib3==1.24.1\njinja2==2.10\n"
"""Releases with published holes: a service that knows nothing of them knows nothing at all."""
NO_SECRETS_IN = ("uv.lock", ".png", ".svg", ".ico", ".woff2")
SECONDS = 600


def run(program: str, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a program of this environment and return how it ended."""
    return subprocess.run([BIN / program, *arguments], cwd=cwd, capture_output=True, text=True, timeout=SECONDS)


def code_findings() -> list[dict[str, Any]]:
    """Return bandit's findings of medium and high severity."""
    done = run("bandit", "-q", "-ll", "-r", *CODE, "-x", ",".join(NOT_CODE), "-f", "json")
    found = json.loads(done.stdout)
    if found["errors"]:
        raise SystemExit(f"bandit could not read: {found['errors']}")
    return [
        {"id": one["test_id"], "file": one["filename"], "line": one["line_number"], "what": one["issue_text"]}
        for one in found["results"]
    ]


def secret_findings(files: list[str] | None = None) -> list[dict[str, Any]]:
    """Return what looks like a secret in files; in all that git knows, if none are named."""
    if files is None:
        known = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        # The test questions are frozen sentences of made-up families, with made-up numbers in them.
        files = [f for f in known.split() if not f.endswith(NO_SECRETS_IN) and not f.startswith("tests/")]
    disabled = ["Base64HighEntropyString", "HexHighEntropyString", "KeywordDetector"]
    options = [part for name in disabled for part in ("--disable-plugin", name)]
    done = run("detect-secrets", "scan", "--no-verify", *options, *files)
    return [
        {"id": one["type"], "file": name, "line": one["line_number"], "what": one["type"]}
        for name, found in json.loads(done.stdout)["results"].items()
        for one in found
    ]


def known_holes(requirements: str) -> list[dict[str, Any]] | None:
    """Return the known holes of locked packages; None where no service that knows them can be reached.

    Args:
        requirements: lines `name==version`.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(requirements)
        file.flush()
        for service in ("pypi", "osv"):
            options = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "-s", service, "-f", "json")
            done = run("pip-audit", "-r", file.name, *options)
            try:
                read = json.loads(done.stdout)["dependencies"]
            except (ValueError, KeyError):
                continue
            if any("vulns" in one for one in read):
                return [
                    {"id": hole["id"], "file": one["name"], "line": one["version"], "what": hole.get("description", "")}
                    for one in read
                    for hole in one.get("vulns", [])
                ]
    return None


def locked(folder: Path) -> str:
    """Return what a lock file installs, as lines `name==version`."""
    done = subprocess.run(
        ["uv", "export", "--frozen", "--no-dev", "--no-hashes", "--no-emit-project", "--no-header", "--quiet"],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = [line.split(" #")[0].strip() for line in done.stdout.splitlines()]
    return "".join(f"{line.split(';')[0].strip()}\n" for line in lines if "==" in line and not line.startswith("#"))


def judge(what: str, found: list[dict[str, Any]], accepted: list[dict[str, str]]) -> int:
    """Print what was found and not accepted, and what was accepted for nothing; return how many of both."""
    new = [f for f in found if not any(a["id"] == f["id"] and a["file"] == f["file"] for a in accepted)]
    stale = [a for a in accepted if not any(a["id"] == f["id"] and a["file"] == f["file"] for f in found)]
    for one in new:
        print(f"  {one['file']}:{one['line']}: {one['id']} {one['what'][:120]}")
    for one in stale:
        print(f"  audit/accepted.yml: nothing matches {one['id']} in {one['file']} any more: take the entry out.")
    print(f"{what}: {len(found)} found, {len(found) - len(new)} accepted, {len(new)} new, {len(stale)} stale.")
    return len(new) + len(stale)


def main() -> int:
    """Run every check and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strict", action="store_true", help="what could not be checked counts as a failure")
    strict = parser.parse_args().strict
    accepted = yaml.safe_load((ROOT / "audit" / "accepted.yml").read_text("utf-8"))
    wrong = judge("Code (bandit)", code_findings(), accepted["code"])
    wrong += judge("Secrets (detect-secrets)", secret_findings(), accepted["secrets"])
    unchecked = 0
    if not known_holes(KNOWN_TO_BE_BAD):
        print(
            "Known holes (pip-audit): NOT CHECKED. No service answers that knows any, not even those of old releases "
            "that everybody knows.\n  Run `make audit` where PyPI or osv.dev can be reached; "
            "docs/dependencies.md has the list kept by hand."
        )
        unchecked = 1
    else:
        found = [hole for folder in ENVIRONMENTS.values() for hole in known_holes(locked(folder)) or []]
        wrong += judge("Known holes (pip-audit)", found, accepted["dependencies"])
    for name, folder in ENVIRONMENTS.items():
        target = ROOT / "var" / f"sbom-{name}.json"
        target.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(locked(folder))
            file.flush()
            done = run("cyclonedx-py", "requirements", file.name, "--output-format", "JSON", "-o", str(target))
        if done.returncode:
            raise SystemExit(done.stderr)
        print(f"Bill of materials: {target.relative_to(ROOT)}, {len(json.loads(target.read_text())['components'])}.")
    return 1 if wrong or (strict and unchecked) else 0


if __name__ == "__main__":
    sys.exit(main())
