"""A mail server on this machine, PyPI's aiosmtpd: hands each mail to `handler.handle_DATA`."""

import socket

from aiosmtpd.controller import Controller


def start(handler):
    """The server, to be stopped, and its port."""
    # The controller looks whether somebody answers at the port that it was given, so it has to be told one.
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    return server, port
