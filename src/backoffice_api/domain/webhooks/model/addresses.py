"""Where webhooks may lead: to public addresses, by a plain URL.

Whoever may name a URL must not reach with it what only this server can reach: the database, the
metadata of the cloud, other machines of the house. An address is public here if it is ordinary
unicast of the internet; whatever else the registries of IANA know (RFC 6890 and its successors,
as of 2025-10) is not, and neither is an IPv6 address that carries an IPv4 address within.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from backoffice_api.domain.kernel.errors import Invalid

URL_LENGTH_MAX = 2_000
PORTS = {"http": 80, "https": 443}

_NOT_PUBLIC_V4 = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8",  # this network; also how some systems name themselves
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by customers of a carrier
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, with the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "168.63.129.16/32",  # public in name, the platform of Azure in fact
    )
)
_UNICAST_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    ip_network(each)
    for each in (
        "2001::/23",  # Teredo, ORCHID and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address within
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
# ISATAP (RFC 5214): the last 64 bits are 0000:5efe or 0200:5efe and an IPv4 address.
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})

_PLAIN = re.compile(r"[\x21-\x7e]+")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)
# What resolvers take for an IPv4 address in one of its many spellings: 127.1, 0x7f000001, 017700….
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
_NAME_LENGTH_MAX = 253


@dataclass(eq=False)
class UnfitUrl(Invalid):
    """A URL is none that a webhook may lead to."""

    reason: str
    message = "This is no address for a webhook: {reason}"


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in its parts: `host` without brackets, `port` always there, `path` with the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the header `Host` says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which addresses and ports are called. `loopback`: this machine, too, for trying things.

    `more_ports`: besides 80 and 443.
    """

    more_ports: Sequence[int] = ()
    loopback: bool = False

    def allows_port(self, port: int) -> bool:
        """Whether this port may be called."""
        return port in PORTS.values() or port in self.more_ports

    def allows(self, address: str) -> bool:
        """Whether this address may be called; False also for what is none."""
        return is_public(address) or (self.loopback and is_loopback(address))


def is_public(address: str) -> bool:
    """Whether an address, as a resolver gives it, is ordinary unicast of the internet."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return not any(found in each for each in _NOT_PUBLIC_V4)
    if found.scope_id is not None or found not in _UNICAST_V6:
        return False
    if (int(found) >> 32) & 0xFFFFFFFF in _ISATAP:
        return False
    return not any(found in each for each in _NOT_PUBLIC_V6)


def is_loopback(address: str) -> bool:
    """Whether an address is this machine: 127.0.0.0/8 or ::1, in no other spelling."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return found.is_loopback and getattr(found, "ipv4_mapped", None) is None


def target_of(url: str) -> Target:
    """The parts of a URL that a webhook may lead to, as far as that can be told without asking.

    A literal address must be in its plain spelling, and public or this machine: whether that is
    allowed, and to what a name leads, is looked at each time before something is sent.

    Raises:
        UnfitUrl.
    """
    if len(url) > URL_LENGTH_MAX or not _PLAIN.fullmatch(url) or "\\" in url:
        raise UnfitUrl("it takes up to 2,000 printable ASCII characters, no blanks, no backslash.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UnfitUrl("it is no URL.") from None
    if parts.scheme not in PORTS:
        raise UnfitUrl("it must begin with https:// or http://.")
    if "@" in parts.netloc:
        raise UnfitUrl("it must not hold a user name.")
    if "#" in url:
        raise UnfitUrl("it must not hold a fragment.")
    if port == 0:
        raise UnfitUrl("its port cannot be 0.")
    _check_host(parts.netloc, host)
    path = parts.path or "/"
    return Target(
        parts.scheme,
        host,
        PORTS[parts.scheme] if port is None else port,
        f"{path}?{parts.query}" if parts.query else path,
    )


def _check_host(netloc: str, host: str) -> None:
    last = host.rstrip(".").rpartition(".")[2]
    if netloc.startswith("[") or _NUMBER.fullmatch(last):
        try:
            plain = str(ip_address(host)) == host
        except ValueError:
            plain = False
        if not plain:
            raise UnfitUrl("an address must be written as usual: 192.0.2.1, [2001:db8::1].")
        if not (is_public(host) or is_loopback(host)):
            raise UnfitUrl("its address is not one of the public internet.")
        return
    labels = host.removesuffix(".").split(".")
    if len(host) > _NAME_LENGTH_MAX or not all(map(_LABEL.fullmatch, labels)):
        raise UnfitUrl("its host is no name. International names are written as xn--….")
