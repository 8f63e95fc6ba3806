import contextlib
import signal
import socket
import subprocess
import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from family_guide.channels.limits import Rates, client_address, networks
from tests.ports import free_port


def test_what_is_over_the_limit_is_refused_for_that_address_alone():
    rates = Rates("memory://", per_address=3, per_session=0)
    assert [rates.allows("address", "a") for _ in range(4)] == [True, True, True, False]
    assert rates.allows("address", "b")


def test_zero_is_no_limit():
    rates = Rates("memory://", per_address=0, per_session=0)
    assert all(rates.allows("session", "s") for _ in range(500))


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("203.0.113.9", [], "", "203.0.113.9"),
        # Nobody chooses an address by sending the header.
        ("203.0.113.9", ["198.51.100.1"], "", "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "10.0.0.0/8", "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1"], "10.0.0.0/8", "198.51.100.1"),
        # What the client itself put in front does not count, in this header or one above.
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1, 10.0.0.2"], "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.1"], "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.1", ["nonsense"], "10.0.0.0/8", "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, nonsense"], "10.0.0.0/8", "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.0/8", "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.3"], "10.0.0.0/8", "10.0.0.3"),
        ("not an address", ["198.51.100.1"], "10.0.0.0/8", "not an address"),
        # Some proxies add the port.
        ("10.0.0.1", ["198.51.100.1:4711"], "10.0.0.1", "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8:1:2:3::4]:4711"], "10.0.0.1", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "10.0.0.1", "198.51.100.1"),
        ("2001:db8:1:2:3::4", [], "", "2001:db8:1:2::/64"),
    ],
)
def test_the_address_is_believed_only_from_trusted_proxies(peer, forwarded, trusted, expected):
    assert client_address(peer, forwarded, networks(trusted)) == expected


ADDRESSES = st.ip_addresses().map(str)


@given(peer=ADDRESSES, forwarded=st.lists(st.text(max_size=20) | ADDRESSES, max_size=4))
def test_without_proxies_the_header_changes_nothing(peer, forwarded):
    assert client_address(peer, forwarded, []) == client_address(peer, [], [])


@given(client=st.ip_addresses(v=4).map(str), made_up=st.lists(st.text(max_size=20) | ADDRESSES, max_size=4))
def test_behind_a_proxy_what_a_client_makes_up_changes_nothing(client, made_up):
    trusted = networks("10.0.0.1")
    if client == "10.0.0.1":
        return
    header = ", ".join([*made_up, client])
    assert client_address("10.0.0.1", [*made_up, header], trusted) == client


def test_what_is_no_network_is_refused():
    with pytest.raises(ValueError, match="nonsense"):
        networks("10.0.0.1, nonsense")


@pytest.fixture
def redis(tmp_path):
    """A real Redis server that a test may stop."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        time.sleep(0.05)
    yield SimpleNamespace(url=f"redis://127.0.0.1:{port}", process=process)
    process.kill()
    process.wait()


def test_servers_that_share_a_storage_count_together(redis):
    one, other = (Rates(redis.url, per_address=3, per_session=0) for _ in range(2))
    assert [rates.allows("address", "a") for rates in (one, other, one, other, one)] == [True] * 3 + [False] * 2


def test_a_storage_that_is_gone_stops_nobody_and_each_server_counts_alone(redis):
    rates = Rates(redis.url, per_address=3, per_session=0)
    assert rates.allows("address", "a")
    redis.process.kill()
    redis.process.wait()
    assert [rates.allows("address", "a") for _ in range(5)] == [True, True, True, False, False]


def test_a_storage_that_hangs_is_waited_for_once(redis):
    rates = Rates(redis.url, per_address=50, per_session=0)
    assert rates.allows("address", "a")
    redis.process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    assert all(rates.allows("address", "a") for _ in range(20))
    assert time.monotonic() - began < 3
    redis.process.send_signal(signal.SIGCONT)
