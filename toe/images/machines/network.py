"""The network of a machine: off, or qemu's user-mode one, which asks for no rights.

The guest is 10.0.2.15. This machine is 10.0.2.2 for it, with what listens on the loopback; names are answered at
10.0.2.3. Nobody reaches the guest.
"""

from __future__ import annotations

#: A file in the results of a machine that got no network though it was to have one.
NO_NETWORK = "no-network"
#: The guest's names for what qemu answers itself.
NAME_SERVER = "10.0.2.3"
_CARD = ("-device", "virtio-net-pci,netdev=net,romfile=")

#: Of a network that the base does not begin by itself; it lies in memory, behind all files of the base.
_UNIT = """\
mkdir -p /run/systemd/network
cat > /run/systemd/network/zz-toe.network <<'END'
[Match]
Type=ether
[Network]
DHCP=ipv4
END
"""

_BEGIN = """\
# A network, by the base itself, else by a client of DHCP that it has.
routed() {{ while read -r _ to _; do [ "$to" = 00000000 ] && return 0; done < /proc/net/route; return 1; }}
wait_routed() {{ for _ in 1 2 3 4 5 6 7 8 9 10; do routed && return 0; sleep $1; done; return 1; }}
modprobe -q virtio_net 2> /dev/null
if ! wait_routed 0.2; then
  for card in /sys/class/net/e*; do name=${{card##*/}}; done
  if systemctl start systemd-networkd 2> /dev/null; then
    [ -L /etc/resolv.conf ] || {{
      echo nameserver {server} > {inside}/resolv.conf
      [ -e /etc/resolv.conf ] || : > /etc/resolv.conf
      mount --bind {inside}/resolv.conf /etc/resolv.conf
    }}
  elif command -v dhclient > /dev/null; then dhclient "$name"
  elif command -v udhcpc > /dev/null; then udhcpc -q -n -i "$name"
  elif command -v dhcpcd > /dev/null; then dhcpcd -w "$name"
  fi > /dev/null 2>&1
  wait_routed 2 || : > {inside}/box/out/{note}
fi
"""


def card_options(*, network: bool, waits_for_one: bool) -> list[str]:
    """What qemu is told. A system that `waits_for_one` gets a card at which nobody answers but DHCP.

    Cloud images wait for minutes for a network that is not there before they are up.
    """
    if network:
        return ["-netdev", "user,id=net", *_CARD]
    if waits_for_one:
        return ["-netdev", "user,id=net,restrict=on", *_CARD]
    return ["-nic", "none"]


def prepare_script() -> str:
    """What is laid into /run before the system starts."""
    return _UNIT


def begin_script(inside: str) -> str:
    """What is run when the system has started: it ends when there is a network, or leaves NO_NETWORK in the results.

    `inside` is the folder of `toe` in the machine.
    """
    return _BEGIN.format(inside=inside, note=NO_NETWORK, server=NAME_SERVER)
