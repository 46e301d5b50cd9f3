"""`toe run` and `toe follow` in a real terminal: tmux folds lines when it gets narrower, and tells what is seen."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
TOE = f"{shlex.quote(sys.executable)} -m toe"
REPOSITORY = Path(__file__).resolve().parents[2]
#: After so long it will not come, however busy the machine is.
LONGEST_SECONDS = 60
HEAD = "schemaVersion: 1.0\nphases:\n- name: build\n  steps:\n"
STEP = "  - name: %s\n    action: ExecuteBash\n    inputs:\n      commands:\n      - |\n        %s\n"


#: What `toe run --hosts` tells its view of one host, without the host.
HOSTS = """
from toe.cli.hosts_view import LiveHosts, host_view
from toe.cli.terminal import say_line
from toe.events import StepStarted, Where
from toe.model import Step

view = host_view(quiet=False)
assert type(view) is LiveHosts
where = Where("a.yml", "build", "First")
view.hear("h1", StepStarted(0, where, Step("First", "ExecuteBash"), 0, ()))
say_line("toe: warning: careful")
open("go").readline()
view.ended("h1", {"summary": {"status": "success", "logUrl": "/logs"}})
view.close()
"""


#: The same of 25 hosts, of which the second ends, between steps and in a reboot.
MANY_HOSTS = """
from toe.cli.hosts_view import host_view
from toe.events import RebootRequested, StepStarted, Where
from toe.model import Step

view = host_view(quiet=False)
where = Where("a.yml", "build", "First")
for number in range(1, 26):
    view.hear(f"h{number}", StepStarted(0, where, Step("First" * 20, "ExecuteBash"), 0, ()))
open("go").readline()
view.ended("h2", {"unreachable": True, "msg": "no route"})
view.hear("h3", RebootRequested(0, where, 194))
open("end").readline()
for number in (1, *range(3, 26)):
    view.ended(f"h{number}", {"summary": {"status": "success", "logUrl": "/logs"}})
view.close()
"""


class Terminal:
    """One pane of a tmux server of its own. What the pane gets comes from a FIFO as well: nobody asks in a loop."""

    def __init__(self, folder: Path, columns: int, lines: int) -> None:
        self._socket = str(folder / "tmux")
        os.mkfifo(folder / "changes")
        self.tmux("-f", os.devnull, "new-session", "-d", "-x", str(columns), "-y", str(lines), "exec sh")
        self.tmux("set-option", "-g", "window-size", "manual")
        self._changes = os.open(folder / "changes", os.O_RDONLY | os.O_NONBLOCK)
        self.tmux("pipe-pane", "-O", f"exec cat > {shlex.quote(str(folder / 'changes'))}")
        os.set_blocking(self._changes, True)

    def tmux(self, *arguments: str) -> str:
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            "PS1": "$ ",
            "PYTHONPATH": str(REPOSITORY),
        }
        for name in ("NO_COLOR", "TMUX", "TMUX_PANE", "ENV"):
            environment.pop(name, None)
        command = ["tmux", "-u", "-S", self._socket, *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=30).stdout

    def type(self, command: str) -> None:
        self.tmux("send-keys", "-l", command)
        self.tmux("send-keys", "Enter")

    def seen(self) -> str:
        """The screen and what has scrolled away, without the blank lines at the end."""
        return self.tmux("capture-pane", "-p", "-S", "-").rstrip("\n")

    def wait_for(self, holds: Callable[[str], bool]) -> str:
        """What is seen as soon as it is so."""
        limit = time.monotonic() + LONGEST_SECONDS
        while not holds(seen := self.seen()):
            left = max(0.0, limit - time.monotonic())
            assert select.select([self._changes], [], [], left)[0], f"it does not come:\n{seen}"
            assert os.read(self._changes, 65_536), f"the terminal has ended with:\n{seen}"
        return seen

    def resize(self, columns: int, lines: int) -> None:
        self.tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def close(self) -> None:
        self.tmux("kill-server")
        os.close(self._changes)


@pytest.fixture
def terminal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    columns, lines = getattr(request, "param", (100, 30))
    opened = Terminal(tmp_path_factory.mktemp("tmux"), columns, lines)
    yield opened
    opened.close()


def without_times(seen: str) -> list[str]:
    """The lines of a screen; what took some time took T."""
    return [re.sub(r"(\d+ min )?\b[\d.]+ s\b", "T", line) for line in seen.split("\n")]


def is_just(lines: list[str]) -> Callable[[str], bool]:
    """Whether these lines are all that is seen."""
    return lambda seen: without_times(seen) == lines


def is_at_prompt_after(words: str) -> Callable[[str], bool]:
    """Whether the shell waits again, after it has said the words."""
    return lambda seen: seen.endswith((f"{words}\n$", f"{words}\n#"))


def go_on(fifo: str) -> None:
    """Let the script go on that waits for a line."""
    with open(fifo, "w") as stream:
        stream.write("go\n")


def script(*lines: str) -> str:
    return "\n        ".join(lines)


BARS = script(
    r"printf '10%%\r20%%\r'",
    r"printf '\033[2J\033[1A\033[Hhome 日本\n'",
    "echo " + "long" * 30,
    r"printf ' 98%%\r 99%%\r\nlast\n'",
    r"printf 'now 1%%\rnow 2%%\rnow 3%%'",
    "read line < go",
)


def test_a_run_is_seen_and_stays_right_when_the_size_changes(terminal: Terminal) -> None:
    os.mkfifo("go")
    Path("a.yml").write_text(HEAD + STEP % ("First", "echo hi") + STEP % ("Bars", BARS) + STEP % ("Last", "echo bye"))
    terminal.type(f"clear; {TOE} run a.yml -l logs > summary; echo done=$?")
    wide = [
        "Document a.yml",
        "  Phase build",
        "    ok  First (ExecuteBash) T",
        "    >  Bars (ExecuteBash) T",
        "      | home 日本",
        "      | " + "long" * 22 + "lo…",
        "      |  99%",
        "      | last",
        "      | now 2%",
        "    .  Last (ExecuteBash)",
    ]
    narrow = [line if "long" not in line else "      | " + "long" * 7 + "lo…" for line in wide]
    for size, lines in (((100, 30), wide), ((40, 20), narrow), ((100, 30), wide)):
        terminal.resize(*size)
        terminal.wait_for(is_just(lines))
    go_on("go")
    seen = without_times(terminal.wait_for(is_at_prompt_after("done=0")))
    assert seen[2:5] == [f"    ok  {name} (ExecuteBash) T" for name in ("First", "Bars", "Last")]
    assert seen[5].startswith("success: 3 steps in T; logs: ")


@pytest.mark.parametrize("terminal", [(60, 15)], indirect=True)
def test_the_running_step_is_seen_in_60_by_15_and_ctrl_c_leaves_a_clean_terminal(terminal: Terminal) -> None:
    os.mkfifo("go")
    Path("inner.yml").write_text(HEAD + STEP % ("Waits", script("seq -f 'line %g' 500", "read line < go")))
    many = "".join(STEP % (f"S{number:02}", "true") for number in range(15))
    call = "  - {name: Call, action: ExecuteDocument, inputs: {document: inner.yml}}\n"
    Path("a.yml").write_text(HEAD + many + call + STEP % ("Never", "true"))
    terminal.type(f"clear; {TOE} run a.yml -l logs > summary; echo done=$?")
    terminal.wait_for(lambda seen: "| line 500" in seen and "Never" in seen)
    seen = without_times(terminal.tmux("capture-pane", "-p"))
    first = seen.index("Document a.yml")
    assert seen[first : first + 2] == ["Document a.yml", "  Phase build"]
    assert "          >  Waits (ExecuteBash) T" in seen
    assert "    >  Call (ExecuteDocument)" in seen
    terminal.tmux("send-keys", "C-c")
    seen = without_times(terminal.wait_for(is_at_prompt_after("done=130")))
    assert "^C" not in "".join(seen)
    assert sum("Waits (ExecuteBash) T" in line for line in seen) <= 1
    assert terminal.tmux("display-message", "-p", "#{cursor_flag} #{cursor_x}").split() == ["1", "2"]


def test_a_follower_shows_the_same_and_ends_without_the_run(terminal: Terminal) -> None:
    os.mkfifo("go")
    Path("a.yml").write_text(
        HEAD + STEP % ("First", "echo hi") + STEP % ("Waits", script("echo here", "read line < go"))
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    run = subprocess.Popen(
        [sys.executable, "-m", "toe", "run", "a.yml", "--events", "events"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    with run:
        assert run.stderr is not None
        assert run.stderr.readline()
        terminal.type(f"clear; {TOE} follow events > summary; echo done=$?")
        terminal.wait_for(lambda seen: "| here" in seen)
        terminal.tmux("send-keys", "C-c")
        seen = without_times(terminal.wait_for(is_at_prompt_after("done=130")))
        assert seen[:4] == [
            "Document a.yml",
            "  Phase build",
            "    ok  First (ExecuteBash) T",
            "    >  Waits (ExecuteBash) T",
        ]
        assert seen[4:] == ["done=130", seen[-1]]
        go_on("go")
    assert run.returncode == 0


def test_after_ctrl_z_the_view_goes_on_below_what_the_shell_has_written(terminal: Terminal) -> None:
    os.mkfifo("go")
    Path("a.yml").write_text(HEAD + STEP % ("Waits", script("echo here", "read line < go")))
    terminal.type(f"clear; {TOE} run a.yml -l logs > summary; echo done=$?")
    terminal.wait_for(lambda seen: "| here" in seen)
    terminal.tmux("send-keys", "C-z")
    seen = terminal.wait_for(lambda seen: "Stopped" in seen)
    assert "| here" not in seen
    terminal.type("echo bet''ween")
    terminal.wait_for(lambda seen: "\nbetween\n" in seen)
    terminal.type("fg")
    seen = terminal.wait_for(lambda seen: "| here" in seen)
    assert seen.index("\nbetween\n") < seen.index(" >  Waits (ExecuteBash)")
    go_on("go")
    seen = terminal.wait_for(lambda seen: "ok  Waits" in seen)
    assert seen.index("\nbetween\n") < seen.index("    ok  Waits (ExecuteBash)")
    assert "Stopped" in seen


def test_hosts_at_work_are_seen_below_what_has_ended(terminal: Terminal) -> None:
    Path("hosts.py").write_text(HOSTS)
    os.mkfifo("go")
    terminal.type(f"clear; {shlex.quote(sys.executable)} hosts.py; echo done=$?")
    terminal.wait_for(is_just(["toe: warning: careful", "> h1: build First (ExecuteBash)  T"]))
    go_on("go")
    seen = terminal.wait_for(is_at_prompt_after("done=0"))
    assert seen.split("\n")[:3] == ["toe: warning: careful", "h1: success; logs: /logs", "done=0"]


@pytest.mark.parametrize("terminal", [(60, 15)], indirect=True)
def test_25_hosts_are_seen_in_60_by_15_each_in_its_place_and_the_others_counted(terminal: Terminal) -> None:
    Path("hosts.py").write_text(MANY_HOSTS)
    # Two: who reads again at once may still find the writer of before.
    for name in ("go", "end"):
        os.mkfifo(name)
    terminal.type(f"clear; {shlex.quote(sys.executable)} hosts.py; echo done=$?")
    step = f"build {'First' * 20} (ExecuteBash)  0 s"

    def lines(*numbers: int, more: int) -> list[str]:
        told = [f"> h{number}: {'reboots  T' if number == 3 and more == 12 else step}" for number in numbers]
        return [*told, f"  and {more} more hosts"]

    def fits(wanted: list[str]) -> Callable[[str], bool]:
        cuts = [line if len(line) < 60 else f"{line[:58]}…" for line in wanted]
        # Above them may be what tmux keeps of a screen that was drawn anew from its first line.
        return lambda seen: without_times(seen)[-len(cuts) :] == cuts

    terminal.wait_for(fits(lines(*range(1, 13), more=13)))
    go_on("go")
    ended = "h2: UNREACHABLE: no route"
    terminal.wait_for(fits([ended, "h3: step First asked for a reboot", *lines(1, *range(3, 14), more=12)]))
    terminal.resize(60, 40)
    terminal.wait_for(lambda seen: "> h25: " in seen)
    go_on("end")
    seen = terminal.wait_for(is_at_prompt_after("done=0"))
    assert len({line for line in seen.split("\n") if line.endswith(": success; logs: /logs")}) == 24
    assert not re.search(r"^(>|  and) ", terminal.tmux("capture-pane", "-p"), re.MULTILINE)


def test_a_dumb_terminal_gets_plain_lines(terminal: Terminal) -> None:
    Path("a.yml").write_text(HEAD + STEP % ("First", "echo hi"))
    terminal.type(f"clear; TERM=dumb {TOE} run a.yml -l logs > summary; echo done=$?")
    seen = without_times(terminal.wait_for(is_at_prompt_after("done=0")))
    assert seen[:3] == ["Document a.yml", "  Phase build", "    ok  First (ExecuteBash) T"]


def test_a_terminal_that_goes_away_changes_nothing_of_the_run() -> None:
    os.mkfifo("go")
    Path("a.yml").write_text(HEAD + STEP % ("Waits", script("echo here", "read line < go")) + STEP % ("Last", "exit 3"))
    master, slave = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "TERM": "xterm"}
    command = [sys.executable, "-m", "toe", "run", "a.yml", "-l", "logs"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=slave, text=True) as run:
        os.close(slave)
        seen = b""
        while b"| here" not in seen:
            seen += os.read(master, 65_536)
        os.close(master)
        go_on("go")
        summary, _ = run.communicate(timeout=LONGEST_SECONDS)
    counts = json.loads(summary)
    assert (run.returncode, counts["executedStepCount"], counts["failedStepCount"]) == (1, 2, 1)
    (folder,) = Path("logs").iterdir()
    for name in ("console.log", "events.jsonl", "detailedoutput.json"):
        assert "Last" in (folder / name).read_text()
