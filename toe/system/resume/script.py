"""The script that starts a run again: in POSIX sh, because nothing else is sure to be found at boot.

On Windows, which has no sh, it is in Python, in which no text needs quoting. It is no batch file: cmd.exe reads those
in a code page, and has no way to write every value of a variable.
"""

from __future__ import annotations

import json
import os
import re
from shlex import quote

from toe.system.resume.command import ResumeCommand, kept_environment
from toe.system.resume.durable_files import write_durably

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# sh ends when it is told to set a variable that is read-only or an integer to it (bash: UID, PPID; dash: OPTIND), and
# gives others a value of its own (RANDOM).
_SHELLS_OWN = frozenset(
    {
        *("DIRSTACK", "EPOCHREALTIME", "EPOCHSECONDS", "EUID", "FUNCNAME", "GROUPS", "HISTCMD", "IFS", "LINENO"),
        *("OPTARG", "OPTERR", "OPTIND", "PIPESTATUS", "PPID", "RANDOM", "SECONDS", "SHELLOPTS", "SRANDOM", "UID"),
    }
)
_CLEAN = "in-a-clean-environment"
# Nothing but Python's own modules: toe may lie where only the saved environment tells.
_PYTHON_SCRIPT = """\
# Written by toe: goes on with a run after a reboot. It may hold secrets.
import json
import os
import subprocess
import sys

saved = json.loads({saved!r})
os.umask(0o077)
try:
    output = open(saved["output"], "ab", buffering=0)
except OSError:
    output = sys.stdout.buffer
os.umask(saved["umask"])
try:
    code = subprocess.call(
        saved["argv"],
        cwd=saved["directory"],
        env=saved["environment"],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
except (OSError, ValueError) as error:
    output.write(("toe: cannot go on: %s\\n" % error).encode("utf-8", "backslashreplace"))
    code = 1
sys.exit(code)
"""


def write_script(command: ResumeCommand) -> None:
    """Write the script of a command for sh where the command says. Raises ToeError."""
    write_durably(command.script_path, os.fsencode(script_text(command)), 0o700)


def write_python_script(command: ResumeCommand) -> None:
    """The same for Python. Raises ToeError."""
    write_durably(command.script_path, python_script_text(command).encode(), 0o600)


def script_text(command: ResumeCommand) -> str:
    """The script for sh: working directory, umask and environment as they were, then the program in place of the shell.

    What the boot itself put into the environment is dropped. Bytes that are not UTF-8 stand for themselves as in
    `os.fsdecode`. When the working directory is gone, the script says so and fails.
    """
    output = quote(command.output_path)
    lines = [
        "#!/bin/sh",
        "# Written by toe: goes on with a run after a reboot. It may hold secrets.",
        f'[ "$1" = {_CLEAN} ] || exec /usr/bin/env -i /bin/sh "$0" {_CLEAN}',
        f"printf '%s\\n' {quote(f'toe: going on with {command.execution_id}, output in {command.output_path}')}",
        "umask 077",
        # A redirection that fails ends the shell: it is tried in one of its own.
        f"( : >>{output} ) 2>/dev/null && exec >>{output} 2>&1",
        f"umask {command.umask:04o}",
        f"cd {quote(command.working_directory)} || exit 1",
        "unset OLDPWD",
        *_environment_and_program(command),
    ]
    return "\n".join(lines) + "\n"


def _environment_and_program(command: ResumeCommand) -> list[str]:
    """Lines that export what sh can, hand the other variables to `env`, and start the program.

    `env` shows what it is given to everybody for a moment, so it gets only what sh cannot export. It would read a
    program with "=" in its path as a variable: such a program goes without them.
    """
    environment = kept_environment(command.environment)
    exported = {name for name in environment if _sh_can_export(name)}
    program = " ".join(map(quote, command.argv))
    lines = [f"export {name}={quote(environment[name])}" for name in environment if name in exported]
    others = [quote(f"{name}={value}") for name, value in environment.items() if name not in exported]
    if not others or "=" in command.argv[0]:
        return [*lines, f"exec {program}"]
    return [*lines, f"exec /usr/bin/env -- {' '.join(others)} {program}"]


def _sh_can_export(name: str) -> bool:
    return _IDENTIFIER.fullmatch(name) is not None and name not in _SHELLS_OWN and not name.startswith("BASH")


def python_script_text(command: ResumeCommand) -> str:
    """The script in Python, all ASCII: folder, umask and environment as they were, then the program until it ends.

    It ends with the program's exit code, and with 1 when the program cannot be started.
    """
    saved = {
        "argv": command.argv,
        "directory": command.working_directory,
        "environment": kept_environment(command.environment),
        "output": command.output_path,
        "umask": command.umask,
    }
    return _PYTHON_SCRIPT.format(saved=json.dumps(saved))
