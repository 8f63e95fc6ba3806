import pytest

from family_guide.channels.limits import Rates, client_address


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
        ("203.0.113.9", None, [], "203.0.113.9"),
        # Nobody chooses an address by sending the header.
        ("203.0.113.9", "198.51.100.1", [], "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", ["10.0.0.0/8"], "198.51.100.1"),
        # What the client itself put in front does not count.
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", "nonsense", ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3", ["10.0.0.0/8"], "10.0.0.1"),
        ("not an address", "198.51.100.1", ["10.0.0.0/8"], "not an address"),
    ],
)
def test_the_address_is_believed_only_from_trusted_proxies(peer, forwarded, trusted, expected):
    assert client_address(peer, forwarded, trusted) == expected
