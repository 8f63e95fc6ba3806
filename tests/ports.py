"""Ports for the servers that tests start."""

from __future__ import annotations

import itertools
import os
import re
import socket

_FIRST, _BLOCK, _BLOCKS = 20_000, 1_500, 8
"""Below the ports that Linux gives to connections going out (from 32768): a port that waits for its server,
while that trains or another is down, cannot be taken by a connection of some other process meanwhile."""


def _block() -> int:
    """Return the first port of this process: those that run tests beside each other never meet."""
    worker = re.fullmatch(r"gw(\d+)", os.environ.get("PYTEST_XDIST_WORKER", ""))
    return _FIRST + (int(worker.group(1)) + 1 if worker else 0) % _BLOCKS * _BLOCK


# From another place in each run, so that two runs on one machine seldom meet either.
_next = (_block() + (os.getpid() + n) % _BLOCK for n in itertools.count())


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing uses and that was not returned a short while ago.

    Raises:
        RuntimeError: all of them are used.
    """
    for port in itertools.islice(_next, _BLOCK):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise RuntimeError(f"No port from {_block()} to {_block() + _BLOCK - 1} is free: stop what uses them.")
