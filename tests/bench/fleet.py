"""Hello world on hosts with sshd on loopback, against scp and ssh, a playbook by hand, and on 25 against one.

    python tests/bench/fleet.py [--rounds N]

Needs root, sshd and namespaces. Each host has a home of its own; the first runs copy and unpack the one file there.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "servers"))

from measure import TOE, Promise, call, report, write_document
from ssh_hosts import SshHost, make_hosts, stop_hosts, why_not

from toe.fleet.one_file import own_file

FEW, MANY, FORKS = 3, 25, 10
STEP = {"name": "Greet", "action": "ExecuteBash", "inputs": {"commands": ["echo hello"]}}


def by_hand(hosts: Sequence[SshHost], executable: str, document: str) -> None:
    """The peer: scp and ssh to each host, all at once."""
    script = (
        'scp -q -P "$1" -i "$2" $3 "$4" "$5" "root@$6:" && ssh -p "$1" -i "$2" $3 "root@$6" "./${4##*/} run ${5##*/}"'
    )
    running = []
    for host in hosts:
        options = " ".join(host.ssh_command()[5:])
        words = [str(host.port), str(host.key), options, executable, document, host.address]
        argv = ["sh", "-c", script, "sh", *words]
        running.append(subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    if any(process.wait() for process in running):
        sys.exit("scp or ssh failed")


def write_by_hand(executable: str, document: str) -> list[str]:
    """The other peer: a playbook that copies both files and runs them. Returns its command but for the hosts."""
    names = [os.path.basename(path) for path in (executable, document)]
    copies = [
        {"ansible.builtin.copy": {"src": os.path.abspath(path), "dest": f"/root/{name}", "mode": "0755"}}
        for path, name in zip((executable, document), names, strict=True)
    ]
    run = {"ansible.builtin.command": {"cmd": f"./{names[0]} run {names[1]}", "chdir": "/root"}}
    play = {"hosts": "all", "gather_facts": False, "tasks": [*copies, run]}
    Path("by-hand.json").write_text(json.dumps([play]))
    return [str(Path(sys.executable).with_name("ansible-playbook")), "by-hand.json"]


def emptied(hosts: Sequence[SshHost]) -> None:
    """As hosts that never ran anything."""
    for host in hosts:
        for path in (host.home / "root").iterdir():
            if path.name != ".ssh":
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def main() -> int:
    """Measure it and say whether it holds."""
    parser = argparse.ArgumentParser(description="Measure what runs on hosts promise.")
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    if why_not():
        sys.exit(why_not())
    executable = own_file().path
    hosts: list[SshHost] = []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        document = write_document("hello.yml", [STEP])
        Path("hosts").mkdir()
        try:
            make_hosts(Path("hosts").resolve(), MANY, into=hosts)
            inventory = Path("hosts.ini")
            inventory.write_text("".join(f"{host.in_inventory()}\n" for host in hosts))
            promises = measured(hosts, executable, document, str(inventory), rounds)
        finally:
            stop_hosts(hosts)
            os.chdir("/")
    return report(promises)


def medians(rounds: int, *actions: Callable[[], None], before: Callable[[], None] = lambda: None) -> list[float]:
    """The median seconds of each action; they take turns, as the machine may be busier at one time than at another."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for action, taken in zip(actions, times, strict=True):
            before()
            started = time.perf_counter()
            action()
            taken.append(time.perf_counter() - started)
    return [statistics.median(taken) for taken in times]


def measured(hosts: Sequence[SshHost], executable: str, document: str, inventory: str, rounds: int) -> list[Promise]:
    """The promises."""
    few = hosts[:FEW]

    def run(limit: str, *words: str) -> None:
        call([*TOE, document, "--hosts", inventory, "--limit", limit, "--log-directory", "logs", *words])

    def ours() -> None:
        run(",".join(host.name for host in few))

    def theirs() -> None:
        by_hand(few, executable, document)

    playbook = write_by_hand(executable, document)

    def by_playbook() -> None:
        call([*playbook, "--inventory", inventory, "--limit", ",".join(host.name for host in few)])

    def on_all() -> None:
        run("all", "--forks", str(FORKS))

    new = medians(rounds, ours, theirs, before=lambda: emptied(few))
    on_all()
    known = medians(rounds, ours, theirs, by_playbook)
    one, many = medians(rounds, lambda: run("h1"), on_all)
    return [
        Promise(f"{FEW} new hosts / scp and ssh", new[0] / new[1], 1.3, f"{new[0]:.2f} s / {new[1]:.2f} s"),
        Promise(f"{FEW} known hosts / scp and ssh", known[0] / known[1], 1.3, f"{known[0]:.2f} s / {known[1]:.2f} s"),
        Promise(f"{FEW} known hosts / a playbook", known[0] / known[2], 1.0, f"{known[0]:.2f} s / {known[2]:.2f} s"),
        Promise(f"a host of {MANY} / one alone", many / MANY / one, 1 / 3, f"{many / MANY:.2f} s / {one:.2f} s"),
    ]


if __name__ == "__main__":
    sys.exit(main())
