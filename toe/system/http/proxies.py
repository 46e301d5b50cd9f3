"""Which proxy an address is asked through, by http_proxy, https_proxy and no_proxy in lower or upper case.

Python's own urllib.request reads the same variables, but knows no networks in no_proxy and no ports of IPv6 addresses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from toe.system.http.address import Address, parse_address
from toe.system.http.terms import HttpError


def proxy_for(address: Address, environment: Mapping[str, str]) -> Address | None:
    """The proxy to ask, None for none. Raises HttpError for a proxy that is no http one.

    This machine itself is never asked through a proxy: its name means another one there.
    """
    name = f"{address.scheme}_proxy"
    value = _variable(name, environment)
    if not value or _is_loopback(address.host) or _is_excluded(address, _variable("no_proxy", environment)):
        return None
    try:
        proxy = parse_address(value if "://" in value else f"http://{value}")
    except HttpError as error:
        raise HttpError(f"{name} in the environment: {error.message}") from error
    if proxy.scheme != "http":
        raise HttpError(f"{name} in the environment: '{proxy.shown}' is no proxy that toe can use (http://host:port)")
    return proxy


def _variable(name: str, environment: Mapping[str, str]) -> str:
    return (environment.get(name) or environment.get(name.upper()) or "").strip()


def _is_loopback(host: str) -> bool:
    ip = _ip(host)
    return host.rstrip(".") == "localhost" if ip is None else ip.is_loopback


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_excluded(address: Address, no_proxy: str) -> bool:
    """Entries are `*`, a domain (with all below it, with or without a leading dot), an IP address or network.

    All but networks may end in `:port`.
    """
    return any(_matches(entry, address) for entry in re.split(r"[,\s]+", no_proxy.lower()) if entry)


def _matches(entry: str, address: Address) -> bool:
    if entry == "*":
        return True
    ip = _ip(address.host)
    if "/" in entry:
        return ip is not None and _is_in_network(ip, entry)
    name, port = _name_and_port(entry)
    if port and port != str(address.port):
        return False
    name = name.removeprefix("*").removeprefix(".").rstrip(".")
    host = address.host.rstrip(".")
    return bool(name) and (host == name or (ip is None and host.endswith(f".{name}")))


def _name_and_port(entry: str) -> tuple[str, str]:
    if entry.startswith("["):
        name, _, port = entry[1:].partition("]")
        return name, port.removeprefix(":")
    if entry.count(":") > 1:
        return entry, ""
    name, _, port = entry.partition(":")
    return name, port


def _is_in_network(ip: IPv4Address | IPv6Address, network: str) -> bool:
    try:
        return ip in ip_network(network, strict=False)
    except ValueError:
        return False
