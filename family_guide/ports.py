"""Whether the port that the assistant needs is free, asked before anything slow starts."""

import socket


class PortTaken(RuntimeError):
    """Something else listens where the assistant should."""


def check_port(host: str, port: int) -> None:
    """Make sure that the port is free.

    Raises:
        PortTaken: it is not; the message says what to do.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"Port {port} on {host} cannot be used ({error.strerror}). Stop what is using it, "
                f"or choose another port: FAMILY_GUIDE_PORT={port % 65535 + 1} make run"
            ) from error
