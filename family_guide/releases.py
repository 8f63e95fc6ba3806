"""Released models: signed once, checked before every use, rolled out and back by name.

A folder of releases holds, for each, the model and a record beside it (`NAME.json`),
and a file `current` with the name of the one that answers families. The record is
signed with a key that no server has, so a file that somebody else put there, or
changed, is never loaded: loading a model runs what stands in it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from family_guide.settings import ROOT

_CURRENT, _HISTORY = "current", "history"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")
_MODEL, _RECORD = ".tar.gz", ".json"
_RUNS_WITH = ("family_guide", "actions", "content", "domain.yml", "data/rules.yml")
_SUFFIXES = (".py", ".yml", ".txt")


class ReleaseError(RuntimeError):
    """A release cannot be used or made; the message says which and why."""


@dataclass(frozen=True)
class Release:
    """What is known of a released model, all of it signed.

    Attributes:
        name: of the release; the model is the file of this name.
        sha256: of the model, in hexadecimal digits.
        runs_with: fingerprint of the program and the answers that it was made with.
        made: when it was released, in UTC.
        passed: what it had to pass.
    """

    name: str
    sha256: str
    runs_with: str
    made: str
    passed: tuple[str, ...]

    def signed_bytes(self) -> bytes:
        """Return what is signed."""
        return json.dumps(asdict(self), sort_keys=True).encode()


def runs_with(root: Path = ROOT) -> str:
    """Return a fingerprint of what a model must find on the server that loads it.

    That is the program, the clinicians' content and the answers, but neither the
    phrases nor the thresholds that it was trained with: those a running server takes
    up with the model.

    Args:
        root: the folder with `domain.yml` and `data/`.
    """
    digest = hashlib.sha256()
    for part in _RUNS_WITH:
        path = root / part
        files = [path] if path.is_file() else sorted(f for f in path.rglob("*") if f.suffix in _SUFFIXES)
        for file in files:
            digest.update(f"{file.relative_to(root)}\n".encode() + file.read_bytes())
    for file in sorted((root / "data" / "faq").glob("*.yml")):
        responses = (yaml.safe_load(file.read_text("utf-8")) or {}).get("responses")
        digest.update(f"{file.name}\n{json.dumps(responses, sort_keys=True)}".encode())
    return digest.hexdigest()


def new_keys() -> tuple[str, str]:
    """Return a new key to sign with and the one to check with, in hexadecimal digits."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes_raw().hex(), key.public_key().public_bytes_raw().hex()


def sha256_of(file: Path) -> str:
    """Return a file's SHA-256 in hexadecimal digits."""
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


class Releases:
    """A folder of releases.

    Args:
        folder: the folder; servers only read it.
        public_key: what records are checked with, in hexadecimal digits.
    """

    def __init__(self, folder: Path, public_key: str) -> None:
        self._folder = folder
        try:
            self._public_key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        except ValueError as error:
            raise ReleaseError(
                "FAMILY_GUIDE_RELEASE_PUBLIC_KEY is not a key: set the 64 digits that make-secrets printed."
            ) from error

    def add(self, model: Path, signing_key: str, passed: tuple[str, ...]) -> Release:
        """Sign a model and put it into the folder; it does not become current by that.

        Args:
            model: the file.
            signing_key: in hexadecimal digits.
            passed: what it passed.

        Raises:
            ReleaseError: the key is none, or not the one that servers check with.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        name = f"{made[:10]}-{time.strftime('%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
        release = Release(name, sha256_of(model), runs_with(), made, passed)
        try:
            key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(signing_key.strip()))
        except ValueError as error:
            raise ReleaseError("FAMILY_GUIDE_RELEASE_SIGNING_KEY is no file of a key: family-guide make-secrets") from (
                error
            )
        signature = key.sign(release.signed_bytes())
        try:
            self._public_key.verify(signature, release.signed_bytes())
        except InvalidSignature as error:
            raise ReleaseError(
                "The signing key does not belong to FAMILY_GUIDE_RELEASE_PUBLIC_KEY: servers would refuse the model."
            ) from error
        shutil.copyfile(model, self._folder / f"{name}{_MODEL}")
        record = {**asdict(release), "signature": signature.hex()}
        _write(self._folder / f"{name}{_RECORD}", json.dumps(record, indent=1) + "\n")
        return release

    def names(self) -> list[str]:
        """Return the names of all releases, the oldest first."""
        return sorted(file.name.removesuffix(_RECORD) for file in self._folder.glob(f"*{_RECORD}"))

    def current(self) -> str:
        """Return the name of the release that answers families.

        Raises:
            ReleaseError: none is chosen.
        """
        try:
            return (self._folder / _CURRENT).read_text("utf-8").strip()
        except OSError as error:
            raise ReleaseError(
                f"No release is current in {self._folder}. Make one (family-guide release), "
                "then choose it: family-guide roll-out"
            ) from error

    def choose(self, name: str) -> None:
        """Make a release current; servers that run take it up within seconds.

        Raises:
            ReleaseError: it is not there, or not as it was signed.
        """
        self.checked(name)
        _write(self._folder / _CURRENT, name + "\n")
        with open(self._folder / _HISTORY, "a", encoding="utf-8") as history:
            history.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {name}\n")

    def before_current(self) -> str:
        """Return the name of the release that was current before.

        Raises:
            ReleaseError: there was none.
        """
        current = self.current()
        try:
            chosen = [line.split()[1] for line in (self._folder / _HISTORY).read_text("utf-8").splitlines()]
        except OSError:
            chosen = []
        # What was rolled back is not gone back to: only what stood before its first time counts.
        earlier = chosen[: chosen.index(current)] if current in chosen else []
        if not earlier:
            raise ReleaseError(f"There is no release before {current}.")
        return earlier[-1]

    def checked(self, name: str) -> Release:
        """Return a release's record after checking the signature and the model's hash.

        Raises:
            ReleaseError: something does not fit; the message says what.
        """
        if not _NAME.fullmatch(name):
            raise ReleaseError("The name of the release is not one: letters, digits, dots, - and _ only.")
        file = self._folder / f"{name}{_RECORD}"
        try:
            record = json.loads(file.read_text("utf-8"))
            signature = bytes.fromhex(record.pop("signature"))
            release = Release(**{**record, "passed": tuple(record["passed"])})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ReleaseError(f"There is no record {file.name} that can be read: make the release again.") from error
        try:
            self._public_key.verify(signature, release.signed_bytes())
        except InvalidSignature as error:
            raise ReleaseError(f"{file.name} is not signed with your key: it is not loaded.") from error
        if release.name != name:
            raise ReleaseError(f"{file.name} is the record of another release, {release.name}: it is not loaded.")
        model = self._folder / f"{name}{_MODEL}"
        if not model.is_file():
            raise ReleaseError(f"{model.name} is missing: copy it beside its record.")
        if sha256_of(model) != release.sha256:
            raise ReleaseError(f"{model.name} is not the file that was released: it is not loaded.")
        return release

    @contextmanager
    def model(self, name: str, scratch: Path) -> Iterator[Path]:
        """Give a copy of a checked model that nobody else can change while it is loaded.

        Args:
            name: of the release.
            scratch: a private folder.

        Raises:
            ReleaseError: it may not be loaded, or was made with another version of the program or the answers.
        """
        release = self.checked(name)
        if release.runs_with != runs_with():
            raise ReleaseError(
                f"The release {name} was made with another version of the program or of the answers: "
                "put that version in place on this server first."
            )
        copy = scratch / f"{name}{_MODEL}"
        shutil.copyfile(self._folder / f"{name}{_MODEL}", copy)
        try:
            if sha256_of(copy) != release.sha256:
                raise ReleaseError(f"{copy.name} changed while it was read: it is not loaded.")
            yield copy
        finally:
            copy.unlink()

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Give whether it is this server's turn to load a model; one on a machine at a time."""
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
        finally:
            os.close(folder)


def _write(file: Path, text: str) -> None:
    """Write a file whole or not at all."""
    new = file.with_name(f".{file.name}.new")
    new.write_text(text, "utf-8")
    new.replace(file)
