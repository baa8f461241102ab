"""The time that a thread has, as the sockets of its connections heed it."""

import socket
import ssl
import time
from collections.abc import Iterator

import pytest

from conversas.transport.tls_deadline import deadline, with_deadlines


@pytest.fixture
def secure() -> Iterator[ssl.SSLSocket]:
    """Yield a socket that is not connected, of a context that heeds the time."""
    context = with_deadlines(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    with context.wrap_socket(socket.socket(), server_hostname="zild.example") as secure:
        yield secure


def test_a_socket_waits_no_longer_than_its_thread_has_time(secure: ssl.SSLSocket) -> None:
    for seconds in (60.0, None):
        with deadline(time.monotonic() + 30):
            secure.settimeout(seconds)
        assert 0 < (secure.gettimeout() or 0) <= 30


def test_a_socket_waits_a_moment_where_the_time_is_over(secure: ssl.SSLSocket) -> None:
    with deadline(time.monotonic() - 1):
        secure.settimeout(60)
    assert 0 < (secure.gettimeout() or 0) <= 1


def test_a_thread_that_has_no_end_waits_as_long_as_it_is_told(secure: ssl.SSLSocket) -> None:
    with deadline(time.monotonic() + 30), deadline(time.monotonic() + 10):
        pass
    secure.settimeout(60)
    assert secure.gettimeout() == 60


def test_sockets_of_a_class_of_the_user_stay_so() -> None:
    class Own(ssl.SSLSocket):
        pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = Own
    assert with_deadlines(context).sslsocket_class is Own
