"""Hosts with a real sshd on loopback addresses, each with a home, processes and a boot id of its own.

A host is a mount and a process namespace whose first process "reboots" it when it gets SIGUSR1: all other processes
are killed, the boot id is another one, sshd is started again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from living import is_alive

from toe.system.processes.lineage import subtrees
from toe.system.processes.linux import process_table

SSHD = "/usr/sbin/sshd"
PATIENCE_SECONDS = 60
REBOOT, BOOT_ID = "/bin/kill -USR1 1", "cat /proc/sys/kernel/random/boot_id"

_FIRST_PROCESS = """
home=$1 sshd=$2
mount --bind "$home/root" /root
[ ! -d "$home/home" ] || mount --bind "$home/home" /home
for file in "$home"/etc/*; do [ ! -e "$file" ] || mount --bind "$file" "/etc/${file##*/}"; done
mount -t tmpfs none /run
mkdir -p /run/sshd
touch "$home/boot_id"
mount --bind "$home/boot_id" /proc/sys/kernel/random/boot_id
cd /root
trap 'asked=yes' USR1
while :; do
  asked=
  cat /proc/sys/kernel/random/uuid >"$home/boot_id"
  "$sshd" -D -e -f "$home/sshd_config" </dev/null 2>>"$home/sshd.log" &
  while [ -z "$asked" ]; do sleep 3600 & wait $!; done
  kill -KILL -1
  wait
done
"""
_CONFIG = """
ListenAddress {address}:{port}
ListenAddress 127.0.0.1:{local_port}
HostKey {home}/host_key
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
MaxStartups 100:30:200
Subsystem sftp internal-sftp
SetEnv TOE_STATE_DIRECTORY=/root/state XDG_CACHE_HOME={cache}
"""


class SshHost:
    """One host. `home` is its folder here, `home / "root"` what it sees as /root.

    Once it is started anew it sees `home / "home"` as /home, and what lies in `home / "etc"` in its /etc.
    """

    def __init__(self, name: str, address: str, port: int, home: Path, cache: str, key: Path) -> None:
        self.name, self.address, self.port, self.home, self.key = name, address, port, home, key
        (home / "root/.ssh").mkdir(parents=True)
        shutil.copy(f"{key}.pub", home / "root/.ssh/authorized_keys")
        make_key(home / "host_key")
        #: where it is reached by 127.0.0.1, as a relay needs it
        self.local_port = free_port()
        cache = cache or "/root/.cache"
        text = _CONFIG.format(address=address, port=port, local_port=self.local_port, home=home, cache=cache)
        (home / "sshd_config").write_text(text)
        self._pid = 0

    def start(self) -> None:
        pid_file = self.home / "pid"
        pid_file.unlink(missing_ok=True)
        (self.home / "sshd.log").write_text("")
        first = ["sh", "-c", _FIRST_PROCESS, "host", str(self.home), SSHD]
        unshare = ["unshare", "-mpf", "--mount-proc", "--kill-child=KILL", *first]
        begin = ["setsid", "--fork", "sh", "-c", 'echo $$ >"$1.new"; mv "$1.new" "$1"; shift; exec "$@"', "begin"]
        with open(self.home / "log", "ab") as log:
            subprocess.run(
                [*begin, str(pid_file), *unshare], check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_until(lambda: pid_file.exists() and "listening" in (self.home / "sshd.log").read_text())
        self._pid = int(pid_file.read_text())

    def stop(self) -> None:
        """As a power cut."""
        if self._pid:
            running = self.processes()
            os.kill(self._pid, signal.SIGKILL)
            wait_until(lambda: not any(map(is_alive, running)))
            self._pid = 0

    def processes(self) -> set[int]:
        """All that run on it, by their ids here."""
        return subtrees(process_table(), [self._pid])

    def ssh(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*self.ssh_command(), f"root@{self.address}", *words], capture_output=True, text=True)

    def ssh_command(self) -> list[str]:
        return ["ssh", "-p", str(self.port), "-i", str(self.key), *OPTIONS.split(), "-o", "ControlMaster=no"]

    def in_inventory(self, **variables: object) -> str:
        given = {
            "ansible_host": self.address,
            "ansible_port": self.port,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": self.key,
            "ansible_ssh_common_args": f"'{OPTIONS}'",
            "ansible_python_interpreter": "/usr/bin/python3",
            "toe_reboot_command": f"'{REBOOT}'",
            **variables,
        }
        return " ".join([self.name, *(f"{name}={value}" for name, value in given.items())])


OPTIONS = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes"


def why_not() -> str:
    """Why no host can be made here; "" where they can."""
    if os.geteuid() != 0 or not os.path.exists(SSHD) or not shutil.which("ssh"):
        return "needs root and sshd (apt-get install openssh-server openssh-client)"
    tried = subprocess.run(["unshare", "-mpf", "--mount-proc", "mount", "-t", "tmpfs", "none", "/run"], check=False)
    return "no namespaces can be made here" if tried.returncode else ""


def make_hosts(folder: Path, count: int, cache: str = "", into: list[SshHost] | None = None) -> list[SshHost]:
    """Started hosts h1, h2 ... at 127.0.0.2 and on. `cache`: a folder that all use, by default each has its own.

    `into` gets each as soon as there is something to stop.
    """
    folder.mkdir(exist_ok=True)
    key = folder / "key"
    make_key(key)
    port = free_port()
    hosts = [] if into is None else into
    for number in range(1, count + 1):
        home = folder / f"h{number}"
        hosts.append(SshHost(f"h{number}", f"127.0.0.{number + 1}", port, home, cache, key))
        hosts[-1].start()
    return hosts


def stop_hosts(hosts: Sequence[SshHost]) -> None:
    for host in hosts:
        with contextlib.suppress(ProcessLookupError):
            host.stop()


def make_key(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until(condition: object) -> None:
    limit = time.monotonic() + PATIENCE_SECONDS
    assert callable(condition)
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)
