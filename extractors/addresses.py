"""Which addresses may be connected to: the whole public internet, and nothing inside.

The check sits where the socket is made, after every name was resolved, so that a name which changes its mind between
check and use (DNS rebinding), an address written as a number, and every hop of a redirect all pass through it.
"""

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Public by registry, but the host-local services of a cloud: Azure's WireServer.
CLOUD_LOCAL = frozenset({ipaddress.ip_address("168.63.129.16")})
# Public IPv6 prefixes that carry an IPv4 address in their last 32 bits (RFC 6052, RFC 8215).
NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


class RefusedAddressError(OSError):
    """A connection to an address that is not public was about to be made."""


def _unwrapped(address: Address) -> Address:
    """Give the IPv4 address that an IPv6 address stands for: mapped, 6to4, Teredo or NAT64."""
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if any(address in prefix for prefix in NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)


def is_public(text: str) -> bool:
    """Tell whether an IP address belongs to the public internet. What is not an address is not public."""
    try:
        address = _unwrapped(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    return address.is_global and not address.is_multicast and address not in CLOUD_LOCAL


def public_socket(info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
    """Make a socket towards a resolved address; raise RefusedAddressError when that is not public.

    `info` is a row of `socket.getaddrinfo`. aiohttp calls this for each address that it is about to connect to.
    """
    family, kind, protocol, _, address = info
    if not is_public(str(address[0])):
        raise RefusedAddressError(f"refused address {address[0]}")
    return socket.socket(family, kind, protocol)
