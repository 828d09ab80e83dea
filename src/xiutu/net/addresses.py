"""Which addresses a caller may make this server connect to: one rule per line, with its reason.

The table is our own because ``ipaddress.is_global`` changes between Python releases and answers yes
for multicast, 6to4 and NAT64 addresses that lead back into a private network.
Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and updates).
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_REFUSED_V4 = tuple(
    (IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this host (RFC 791); Linux connects it to loopback"),
        ("10.0.0.0/8", "private (RFC 1918)"),
        ("100.64.0.0/10", "carrier-grade NAT (RFC 6598); metadata service of Alibaba Cloud"),
        ("127.0.0.0/8", "loopback (RFC 1122)"),
        ("168.63.129.16/32", "platform service of Azure, public by number only"),
        ("169.254.0.0/16", "link-local (RFC 3927); metadata services of most clouds"),
        ("172.16.0.0/12", "private (RFC 1918)"),
        ("192.0.0.0/24", "protocol assignments (RFC 6890); metadata service of Oracle Cloud"),
        ("192.0.2.0/24", "documentation (RFC 5737)"),
        ("192.88.99.0/24", "former 6to4 relays (RFC 7526)"),
        ("192.168.0.0/16", "private (RFC 1918)"),
        ("198.18.0.0/15", "benchmarking (RFC 2544)"),
        ("198.51.100.0/24", "documentation (RFC 5737)"),
        ("203.0.113.0/24", "documentation (RFC 5737)"),
        ("224.0.0.0/4", "multicast (RFC 5771)"),
        ("240.0.0.0/4", "reserved and broadcast (RFC 1112)"),
    )
)
_REFUSED_V6 = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("2001::/23", "protocol assignments (RFC 2928): Teredo, ORCHID, benchmarking"),
        ("2001:db8::/32", "documentation (RFC 3849)"),
        ("3fff::/20", "documentation (RFC 9637)"),
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
"""All global unicast space handed out so far: loopback, unique local (fc00::/7, with the metadata
service of AWS), link-local, site-local, multicast, discard and reserved space lie outside."""

_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_6TO4 = IPv6Network("2002::/16")


def refusal(address: Address, allow: Sequence[Network] = ()) -> str | None:
    """Why this address may not be reached, or ``None`` when it may.

    ``allow`` lifts every rule for its networks. IPv6 forms that carry an IPv4 address are judged by
    the address they lead to.
    """
    inner = _embedded(address)
    if any(one in network for one in (address, inner) for network in allow):
        return None
    if isinstance(inner, IPv6Address):
        if inner not in _GLOBAL_V6:
            return "outside global unicast space (RFC 4291)"
        rules: Sequence[tuple[Network, str]] = _REFUSED_V6
    else:
        rules = _REFUSED_V4
    return next((reason for network, reason in rules if inner in network), None)


def network(text: str) -> Network:
    """A network in CIDR notation; ``ValueError`` for anything else."""
    return ip_network(text, strict=False)


def _embedded(address: Address) -> Address:
    if isinstance(address, IPv6Address):
        if address in _MAPPED or address in _NAT64:
            return IPv4Address(address.packed[-4:])
        if address in _6TO4:
            return IPv4Address(address.packed[2:6])
    return address
