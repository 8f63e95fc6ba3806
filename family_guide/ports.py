"""The port that the assistant needs: taken before anything slow starts, and kept until it answers there."""

import socket


class PortTaken(RuntimeError):
    """Something else listens where the assistant should; the message says what to do.

    Args:
        host: the address.
        port: the port.
        reason: why it cannot be used.
    """

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"Port {port} on {host} cannot be used ({reason}). Stop what is using it, "
            f"or choose another port: FAMILY_GUIDE_PORT={port % 65535 + 1} make run"
        )


def take_port(host: str, port: int) -> socket.socket:
    """Take the port, without listening there yet: until the assistant is ready, connections are refused.

    Args:
        host: an IPv4 or IPv6 address of this machine.
        port: 1 to 65535.

    Returns:
        The socket to listen on. As long as it is open, Linux gives its port to no connection going out.

    Raises:
        PortTaken: something listens there.
    """
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        raise PortTaken(host, port, str(error.strerror)) from error
    return taken
