from __future__ import annotations

import pytest

from crawlers.addresses import is_public, says_it_is_private


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "8.8.8.8", "2606:4700::6810:84e5", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0",
        "fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2002:a00:1::", "2001:0:7f00:1::", "nonsense", "",
    ],
)  # fmt: skip
def test_addresses_where_a_public_crawl_has_no_business(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "::1", "10.0.0.7", "localhost", "localhost.", "forum.lan", "FORUM.local", "intranet"]
)
def test_hosts_that_say_they_are_private(host: str) -> None:
    assert says_it_is_private(host)


@pytest.mark.parametrize("host", ["example.org", "8.8.8.8", "localhost.example.org", "127.0.0.1.nip.io"])
def test_hosts_that_do_not(host: str) -> None:
    assert not says_it_is_private(host)
