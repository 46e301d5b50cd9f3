"""PosixProcesses in a process of its own, and the descendants it ends there and when embedded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("own_process_scenarios.py")
SEVEN_KINDS = ["plain", "wait", "nohup", "setsid", "double_fork", "ignores_term", "cleared"]
#: How often a kind of descendant is started and ended.
ROUNDS = pytest.mark.parametrize("rounds", ["4", pytest.param("20", marks=pytest.mark.slow)])

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="child subreapers and /proc are Linux's")


def _hold(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", str(SCRIPT), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@ROUNDS
@pytest.mark.parametrize("kind", [*SEVEN_KINDS, "cleared_double_fork", "stopped"])
def test_run_leaves_no_descendant_alive_when_own_process(kind: str, rounds: str) -> None:
    _hold("descendants", kind, "own", rounds)


@ROUNDS
@pytest.mark.parametrize("kind", [*SEVEN_KINDS, "stopped"])
def test_run_leaves_no_descendant_alive_when_embedded(kind: str, rounds: str) -> None:
    _hold("descendants", kind, "embedded", rounds)


@pytest.mark.parametrize(
    "scenario",
    [
        "earlier_background_child_survives_a_timeout",
        "earlier_daemons_new_orphan_survives_a_timeout",
        "ended_background_child_vanishes_during_a_later_step",
        "adopted_zombies_are_reaped_at_close",
        "other_children_of_this_program_are_left_alone",
        "ignored_sigchld_is_set_back",
        "closed_standard_streams",
        "closed_standard_streams_embedded",
        "inherited_descriptors_stop_here",
        "descriptors_above_the_limit_stop_here",
        "fork_chain_does_not_outrun_the_killing",
    ],
)
def test_own_process_holds(scenario: str) -> None:
    _hold(scenario)
