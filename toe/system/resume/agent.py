"""Whether the Systems Manager agent started this run: then it reboots the machine and starts the run again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from toe.system.resume.programs import below

# The agent sets this for every command of a document, beside AWS_SSM_REGION_NAME, which others set for their own ends.
_VARIABLE = "AWS_SSM_INSTANCE_ID"
# Its processes; the workers are its children. A session worker stands behind a person's shell: nobody there reads an
# exit code, and nothing starts a command again.
_SESSION_WORKER = "ssm-session-worker"
_PROCESSES = ("amazon-ssm-agent", "ssm-agent-worker", "ssm-document-worker", _SESSION_WORKER)
# The kernel cuts the names of processes (TASK_COMM_LEN).
_SHORT_NAMES = {name[:15]: name for name in _PROCESSES}


def is_under_agent(environment: Mapping[str, str], root: str = "/", pid: int | None = None) -> bool:
    """Whether the agent waits for the exit code of this process, by its variable or by the parents.

    `pid`: of another process; `root`: where /proc lies.
    """
    if environment.get(_VARIABLE):
        return True
    names = (_SHORT_NAMES.get(name) for name in _names_upwards(below(root, "/proc"), pid or os.getpid()))
    nearest = next((name for name in names if name), "")
    return nearest not in ("", _SESSION_WORKER)


def _names_upwards(processes: str, pid: int) -> Iterator[str]:
    """The names of a process, its parent, and so on, as far as they can be read."""
    seen = set()
    while pid > 0 and pid not in seen:
        seen.add(pid)
        try:
            with open(os.path.join(processes, str(pid), "stat"), "rb") as file:
                stat = file.read()
        except OSError:
            return
        end = stat.rindex(b")")  # a name may hold anything, this too
        yield os.fsdecode(stat[stat.index(b"(") + 1 : end])
        pid = int(stat[end + 2 :].split()[1])
