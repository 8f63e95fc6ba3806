"""The secrets of a deployment, made at random once: nothing ships with a default."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from family_guide.releases import ReleaseError, new_keys

_BYTES = 36
# The users inside the containers read the files; on the machine itself the folder is closed to everybody else.
_FILE, _FOLDER = 0o644, 0o700


def make_secrets(folder: Path) -> Iterator[str]:
    """Make a file for each secret that `deploy/compose.yml` mounts.

    Args:
        folder: made here, and readable by its owner alone.

    Returns:
        What the operator has to know, line by line.

    Raises:
        ReleaseError: the folder is there: nothing in it is changed.
    """
    try:
        folder.mkdir(mode=_FOLDER, parents=True)
    except FileExistsError as error:
        raise ReleaseError(f"{folder} is there already: secrets are made once. Choose another folder.") from error
    assistant, staff, redis = (secrets.token_urlsafe(_BYTES) for _ in range(3))
    signing, public = new_keys()
    files = {
        "family_guide_secret": secrets.token_urlsafe(_BYTES),
        "family_guide_database_url": f"postgresql://family_guide:{assistant}@postgres/family_guide",
        "family_guide_rate_storage": f"redis://:{redis}@redis:6379/0",
        "family_guide_redis_url": f"redis://:{redis}@redis:6379/1",
        "family_guide_staff_secret": secrets.token_urlsafe(2 * _BYTES),
        "family_guide_staff_database_url": f"postgresql://family_guide_staff:{staff}@postgres/family_guide_staff",
        "family_guide_staff_reads": f"postgresql://family_guide_staff:{staff}@postgres/family_guide",
        "postgres_password": secrets.token_urlsafe(_BYTES),
        "postgres_assistant_password": assistant,
        "postgres_staff_password": staff,
        "release_signing_key": signing,
        "redis.conf": f'requirepass {redis}\nsave ""\nappendonly no\nmaxmemory 256mb\nmaxmemory-policy noeviction\n',
    }
    for name, content in files.items():
        _write(folder / name, content)
    yield f"Made {len(files)} files in {folder}."
    yield "Keep release_signing_key away from the servers: whoever has it can have them run any program."
    yield f"FAMILY_GUIDE_RELEASE_PUBLIC_KEY={public}"


def _write(file: Path, content: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE), "w") as opened:
        opened.write(content)
    file.chmod(_FILE)
