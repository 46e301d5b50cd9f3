"""What shellcheck, where it is installed, says of the bash scripts: all of a document in one process.

Its findings carry the code of this lint; their own (`SC2086`) begins the message. A `.shellcheckrc` is not read, so
that a document has the same findings everywhere; `# shellcheck disable=SC2086` in a script works.
"""

from __future__ import annotations

import json
import re
from typing import Any

from toe import codes
from toe.actions.base import WINDOWS
from toe.check.lint.scripts import BASH, Script
from toe.errors import Problem, Severity
from toe.records import NamedTuple

#: There are scripts that it never comes to an end with. Of the processor's time: a busy machine changes no findings.
MOST_PROCESSOR_SECONDS = 2
TIMEOUT_SECONDS = 60.0
#: Characters of all scripts of a document, and of one: its time grows with the square.
MOST_SCRIPTS = 500
MOST_TEXT = 60_000
LONGEST_SCRIPT = 16_000
#: Its time doubles with each bracket that opens inside of others.
_DEEP = re.compile(r"(?:[(\[{][ \t\n]*){30}")
MOST_FINDINGS = 1000

#: What makes no sense for the joined commands of a step, or says what a rule of ours says better.
EXCLUDED = (
    "SC1090",  # a sourced file that cannot be followed: it stands on the machine that the component runs on
    "SC1091",
    "SC2148",  # no shebang: the action runs bash
    "SC2239",
    "SC2154",  # not assigned here: the environment, a sourced file
    "SC2164",  # cd without `|| exit`: TOE501 finds that of every command
    "SC2024",  # `sudo x > file`: components run as root, and so does the redirection
)
#: About a text being always the same, or no number, which is not so when an expression stands for it.
_ABOUT_CONSTANTS = frozenset(
    (2043, 2050, 2066, 2072, 2078, 2151, 2157, 2158, 2159, 2160, 2161, 2170, 2193, 2194, 2195, 2242)
)
#: `echo done` needs no semicolon; where a loop lacks it the script cannot be read.
_KEYWORD_AS_ARGUMENT = 1010
#: A script that cannot be parsed is told of several times. These name the cause, the first of them best.
_UNPARSED = frozenset((1009, *range(1044, 1051), *range(1056, 1059), 1061, 1062, 1072, 1073))
_CAUSES = (1044, 1046, 1048, 1049, 1056, 1057, 1061, 1073)
#: A shell sets the limit and becomes the program; Windows has no such limit.
_LIMITED = ("sh", "-c", f'ulimit -t {MOST_PROCESSOR_SECONDS} && exec "$@"', "sh")
_ENDED_BY_LIMIT = (-9, -24)  # SIGKILL, SIGXCPU
_SEVERITIES = {"error": Severity.WARNING, "warning": Severity.WARNING}
WIKI = "https://www.shellcheck.net/wiki"


class _Comment(NamedTuple):
    """One finding of shellcheck's, in offsets of its script."""

    script: Script
    start: int
    end: int
    number: int
    level: str
    message: str


def shellcheck_code(problem: Problem) -> str:
    """`SC2086`, for a finding of shellcheck's; empty for others."""
    return problem.message.partition(":")[0] if problem.code == codes.SHELLCHECK else ""


def check_with_shellcheck(scripts: list[Script]) -> None:
    """Report shellcheck's findings; nothing where it is not installed, one line of information where it fails."""
    wanted = _chosen(scripts)
    if not wanted:
        return
    from shutil import which

    program = which("shellcheck")
    if program is None:
        return
    try:
        found = _run(program, wanted)
    except (OSError, ValueError) as error:
        message = f"shellcheck could not look at the scripts: {error}"
        wanted[0].findings.at(wanted[0].items[0], codes.SHELLCHECK, message, severity=Severity.INFO)
        return
    for comment in _without_repetitions(found[:MOST_FINDINGS]):
        if not _is_about_template(comment) and not _is_plain_argument(comment):
            _report(comment)


def _chosen(scripts: list[Script]) -> list[Script]:
    """The bash scripts that are looked at, as far as there are not too many."""
    left = MOST_TEXT
    chosen: list[Script] = []
    for script in scripts:
        length = len(script.text)
        fits = length <= min(left, LONGEST_SCRIPT) and len(chosen) < MOST_SCRIPTS
        if script.language == BASH and fits and not _DEEP.search(script.text):
            left -= length
            chosen.append(script)
    return chosen


def _run(program: str, scripts: list[Script]) -> list[_Comment]:
    """shellcheck's findings. Raises OSError or ValueError, in words for people, when there are none to be had."""
    import subprocess
    from tempfile import TemporaryDirectory

    from toe.system.host import platform_name

    limited = () if platform_name() == WINDOWS else _LIMITED
    options = ("--norc", "--format=json1", "--shell=bash", f"--exclude={','.join(EXCLUDED)}")
    with TemporaryDirectory(prefix="toe-shellcheck-") as folder:
        for number, script in enumerate(scripts):
            with open(f"{folder}/{number}.sh", "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
                file.write(script.code + "\n")
        names = [f"{number}.sh" for number in range(len(scripts))]
        try:
            done = subprocess.run(
                [*limited, program, *options, *names],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ValueError(f"it took more than {TIMEOUT_SECONDS:g} seconds") from error
    if done.returncode in _ENDED_BY_LIMIT:
        raise ValueError(f"it took more than {MOST_PROCESSOR_SECONDS} seconds of the processor's time")
    if done.returncode not in (0, 1):
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0][:200]
        raise ValueError(f"it ended with {done.returncode}: {said}")
    return _read(done.stdout, scripts)


def _read(output: bytes, scripts: list[Script]) -> list[_Comment]:
    """Raises ValueError for anything that is not shellcheck's JSON."""
    line_starts = [_line_starts(script.code) for script in scripts]
    found: list[_Comment] = []
    try:
        for comment in json.loads(output)["comments"]:
            number = int(comment["file"].partition(".")[0])
            found.append(_comment(comment, scripts[number], line_starts[number]))
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError("its output is not what was expected") from error
    return found


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _comment(comment: dict[str, Any], script: Script, starts: list[int]) -> _Comment:
    length = len(script.code)
    start = min(starts[comment["line"] - 1] + comment["column"] - 1, length)
    end = min(starts[comment["endLine"] - 1] + comment["endColumn"] - 1, length)
    return _Comment(script, start, max(start, end), comment["code"], comment["level"], str(comment["message"]))


def _without_repetitions(comments: list[_Comment]) -> list[_Comment]:
    """Of all that is said of why a script cannot be parsed, the one that names the cause."""
    causes: dict[Script, _Comment] = {}
    for comment in comments:
        if comment.number in _UNPARSED and _rank(comment) < _rank(causes.get(comment.script)):
            causes[comment.script] = comment
    return [comment for comment in comments if comment.number not in _UNPARSED or causes.get(comment.script) is comment]


def _rank(comment: _Comment | None) -> int:
    if comment is None:
        return len(_CAUSES) + 1
    return _CAUSES.index(comment.number) if comment.number in _CAUSES else len(_CAUSES)


def _is_plain_argument(comment: _Comment) -> bool:
    return comment.number == _KEYWORD_AS_ARGUMENT and comment.script.bash is not None


def _is_about_template(comment: _Comment) -> bool:
    """Whether a finding has nothing to say but of the word that stands for a template."""
    script, start, end = comment.script, comment.start, comment.end
    if comment.number in _ABOUT_CONSTANTS:
        # Such a finding points at the operator, and the expression is beside it.
        line_start, line_end = script.text.rfind("\n", 0, start) + 1, script.text.find("\n", end)
        return any(script.templates_in(line_start, line_end if line_end >= 0 else len(script.text)))
    around = script.templates_in(start, end)
    return any(found.offset <= start and end <= found.offset + len(found.raw) for found in around)


def _report(comment: _Comment) -> None:
    severity = _SEVERITIES.get(comment.level, Severity.INFO)
    message = f"SC{comment.number}: {' '.join(comment.message.split())}"
    hint = f"{WIKI}/SC{comment.number}"
    comment.script.report(comment.start, comment.end, codes.SHELLCHECK, message, hint, severity=severity)
