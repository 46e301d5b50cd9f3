"""Inside the machine: `install` a resume trigger and reboot, or `remove` it, as `arrange.json` from the test says."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from toe.system.host import current_host
from toe.system.resume.command import ResumeCommand, resume_script_path
from toe.system.resume.reboot import reboot_machine
from toe.system.resume.triggers import choose_trigger, remove_triggers

EXECUTION_ID = "run-1"


def install(state: str, arguments: list[str], environment: dict[str, str]) -> None:
    os.makedirs(state, mode=0o700)
    host = current_host(own_process=True)
    trigger = choose_trigger(host, state)
    Path("/out/trigger").write_text(trigger.name)
    argv = ("/bin/sh", "/payload/resumed.sh", *arguments)
    script = resume_script_path(state, EXECUTION_ID)
    output = os.path.join(state, "resume.out")
    trigger.install(ResumeCommand(EXECUTION_ID, argv, state, environment, script, output, 0o027))
    reboot_machine(host)


def main() -> None:
    given = json.loads(Path("/payload/arrange.json").read_text())
    if sys.argv[1] == "install":
        install(given["state"], given["arguments"], given["environment"])
    else:
        remove_triggers(current_host(own_process=True), given["state"], EXECUTION_ID)


main()
