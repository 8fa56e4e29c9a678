"""Where a webhook may lead: which internet addresses are public, which are ours, and which are never right.

Written out rather than asked of the standard library, whose answers have changed between Python versions. Sources: the
IANA special-purpose registries for IPv4 and IPv6 (RFC 6890, RFC 8190), RFC 6052 and RFC 8215 for NAT64.
"""

from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address


class Reach(StrEnum):
    """Where an address leads."""

    PUBLIC = "public"
    PRIVATE = "private"
    """This machine or its own network: only where the operator allows it."""
    NEVER = "never"
    """Link-local, multicast, reserved, tunnels, and the addresses at which clouds hand out their secrets."""


_PRIVATE_4 = tuple(map(IPv4Network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
_NEVER_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # "this network": many systems take it for loopback
            "169.254.0.0/16",  # link-local, and the metadata service of most clouds
            "100.100.100.200/32",  # metadata, inside shared address space
            "168.63.129.16/32",  # a cloud's own host, at an address that looks public
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_PRIVATE_6 = (IPv6Network("::1/128"), IPv6Network("fc00::/7"))
_PUBLIC_6 = IPv6Network("2000::/3")
_NEVER_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo among them
            "2001:db8::/32",
            "2002::/16",  # 6to4: an IPv4 address inside
            "3fff::/20",
            # metadata of several clouds, inside unique local addresses
            "fd00:ec2::/32",
            "fd00:c1::/32",
            "fd00:42::/32",
            "fd20:ce::/32",
        ),
    )
)


def _reach_4(address: IPv4Address) -> Reach:
    if any(address in network for network in _NEVER_4):
        return Reach.NEVER
    return Reach.PRIVATE if any(address in network for network in _PRIVATE_4) else Reach.PUBLIC


def _reach_6(address: IPv6Address) -> Reach:
    if address.scope_id is not None or any(address in network for network in _NEVER_6):
        return Reach.NEVER
    if address in _MAPPED or address in _NAT64:
        return _reach_4(IPv4Address(int(address) & 0xFFFF_FFFF))
    if any(address in network for network in _PRIVATE_6):
        return Reach.PRIVATE
    return Reach.PUBLIC if address in _PUBLIC_6 else Reach.NEVER


def reach_of(text: str) -> Reach:
    """Where the address leads; whatever is no address leads nowhere."""
    try:
        address = ip_address(text)
    except ValueError:
        return Reach.NEVER
    return _reach_4(address) if isinstance(address, IPv4Address) else _reach_6(address)


def may_reach(addresses: list[str], *, https: bool, allow_private: bool) -> bool:
    """Whether a host with these addresses may be sent to: every one of them must be right.

    Without TLS nothing leaves the clinic's own network.
    """
    found = {reach_of(address) for address in addresses}
    allowed = {Reach.PUBLIC} if https else set()
    if allow_private:
        allowed.add(Reach.PRIVATE)
    return bool(found) and found <= allowed


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
