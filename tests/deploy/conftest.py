"""The service of deploy/, started once."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.stack import Stack
from tests.services import Postgres


@pytest.fixture(scope="session")
def stack(model: Path) -> Iterator[Stack]:
    """Proxy, two assistant servers, staff app, PostgreSQL and Redis, as deploy/ describes them."""
    folder = Path(tempfile.mkdtemp(prefix="family-guide-stack-"))
    # nginx's workers are not root.
    folder.chmod(0o755)
    database = Path(tempfile.mkdtemp(prefix="family-guide-stack-postgres-"))
    postgres = Postgres(database)
    postgres.start()
    running = Stack(folder, postgres)
    running.make(model)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        postgres.stop("immediate")
        shutil.rmtree(database)
        shutil.rmtree(folder, ignore_errors=True)
