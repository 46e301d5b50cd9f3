"""The script that starts a run again where there is no sh: Python, in which no text needs quoting. Pure.

Not a batch file: cmd.exe reads those in a code page, and has no way to write every value of a variable.
"""

from __future__ import annotations

import json

from toe.system.resume.command import ResumeCommand
from toe.system.resume.environment import kept_environment

# Nothing but Python's own modules: toe may lie where only the saved environment tells.
_TEXT = """\
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


def python_script_text(command: ResumeCommand) -> str:
    """The script, all ASCII: working directory, umask and environment as they were, then the program until it ends.

    It ends with the program's exit code, and with 1 when the program cannot be started.
    """
    saved = {
        "argv": command.argv,
        "directory": command.working_directory,
        "environment": kept_environment(command.environment),
        "output": command.output_path,
        "umask": command.umask,
    }
    return _TEXT.format(saved=json.dumps(saved))
