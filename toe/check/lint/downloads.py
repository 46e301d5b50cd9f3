"""Downloads that nobody verifies: WebDownload, and programs that are piped into a shell as they come."""

from __future__ import annotations

import re

from toe import codes
from toe.check.findings import Findings
from toe.check.lint.bash_commands import BashScript, Command
from toe.check.lint.scripts import Script
from toe.check.platforms import entry_nodes
from toe.document.fields import TRUTH
from toe.expressions.parse import NameRef, whole_reference
from toe.model import Document
from toe.nodes import Mapping, Scalar

DOWNLOADERS = ("curl", "wget")
_SHELLS = frozenset(("bash", "sh", "zsh", "dash", "ksh"))
_INTERPRETERS = frozenset(("python", "python3", "perl", "ruby", "node", "php"))
_SHELL_TEXT = r"-[a-z]*c"
_INTERPRETER_TEXT = r"-[cmenpr].*"
_SUBSTITUTED_DOWNLOAD = r"(?:\$\(|`)\s*(?:sudo\s+)?(?:curl|wget)\b"
_DOWNLOAD_AS_FILE = r"<\(\s*(?:sudo\s+)?(?:curl|wget)\b"
_POWERSHELL_RUN = r"(?i)\b(?:iex|Invoke-Expression)\b"
_POWERSHELL_FETCH = r"(?i)\b(?:iwr|irm|curl|wget|Invoke-WebRequest|Invoke-RestMethod)\b|\.DownloadString\b"
_NO_CERTIFICATE: dict[str, str] = {
    "curl": r"--insecure|-[a-zA-Z]{0,9}k[a-zA-Z]{0,9}",
    "wget": r"--no-check-certificate",
}
#: Its own server has no certificate that anybody knows.
_THIS_MACHINE = ("//localhost", "//127.0.0.1", "//[::1]")
#: Short options of curl that take a value, behind which letters are no options (`-okernel`).
_CURL_VALUES = frozenset("oHdXuATbcCDeEFhKmPQrtUwxyYz")

_HINT_RUN = "download to a file, compare its checksum (WebDownload does), and run it then"
_HINT_CHECKSUM = "give 'checksum' and 'algorithm', where the file behind the address does not change"


def check_web_downloads(document: Document, findings: Findings) -> None:
    """Report what WebDownload takes unseen: plain http, no checksum, any certificate."""
    steps = (step for phase in document.phases for step in phase.steps if step.action == "WebDownload")
    for mapping in (mapping for step in steps for mapping in entry_nodes(step.inputs_node)):
        verified = _text(mapping, "checksum") != ""
        source = mapping.get("source")
        if isinstance(source, Scalar) and not verified:
            _check_source(document, source, findings)
        ignore = mapping.get("ignoreCertificateErrors")
        if isinstance(ignore, Scalar) and TRUTH.get(ignore.text.lower()):
            message = "with 'ignoreCertificateErrors' any server may answer in the place of the right one"
            hint = "install the certificate of the authority that signed the server's"
            findings.at(ignore, codes.ANY_CERTIFICATE, message, hint)


def _text(mapping: Mapping, key: str) -> str:
    node = mapping.get(key)
    return node.text if isinstance(node, Scalar) else ""


def _check_source(document: Document, source: Scalar, findings: Findings) -> None:
    if _literal(document, source.text).lower().startswith("http://"):
        message = "a download over http without a checksum: anybody on the way can replace it"
        findings.at(source, codes.PLAIN_HTTP, message, f"use https; {_HINT_CHECKSUM}")
    else:
        message = "a download without a checksum: whatever the server sends is used"
        findings.at(source, codes.NO_CHECKSUM, message, _HINT_CHECKSUM)


def _literal(document: Document, text: str) -> str:
    """The text, or the value of the constant that it consists of."""
    reference = whole_reference(text)
    if not isinstance(reference, NameRef):
        return text
    return next((constant.value for constant in document.constants if constant.name == reference.name), "")


def check_downloads(script: Script, bash: BashScript) -> None:
    """Report downloads that are run as they come, and those that take any certificate."""
    for pipeline in bash.pipelines():
        for position, command in enumerate(pipeline):
            fetched = any(before.program in DOWNLOADERS for before in pipeline[:position])
            if (fetched and _reads_program(command)) or _runs_substitution(command):
                message = f"'{command.program}' runs what was downloaded, whatever it is and however much of it came"
                script.report_command(command, codes.PIPED_TO_SHELL, message, _HINT_RUN)
            if _takes_any_certificate(command):
                message = f"'{command.program}' accepts any certificate: any server may answer in the right one's place"
                script.report_command(command, codes.ANY_CERTIFICATE, message)


def _reads_program(command: Command) -> bool:
    """Whether an interpreter takes its program from its input: `bash`, `bash -s -- x`, `python3 -`."""
    if command.program not in _SHELLS and command.program not in _INTERPRETERS:
        return False
    given_text = _SHELL_TEXT if command.program in _SHELLS else _INTERPRETER_TEXT
    for word in command.arguments[1:]:
        if word.text in ("-", "-s", "/dev/stdin"):
            return True
        if not word.text.startswith("-") or re.fullmatch(given_text, word.text):
            return False
    return True


def _runs_substitution(command: Command) -> bool:
    """`bash -c "$(curl ...)"`, `eval "$(curl ...)"`, `source <(curl ...)`."""
    program, words = command.program, [word.text for word in command.arguments[1:]]
    if program in _SHELLS or program in ("source", "."):
        if words and re.match(_DOWNLOAD_AS_FILE, words[0]):
            return True
        words = words[1:2] if re.fullmatch(_SHELL_TEXT, words[0] if words else "") else []
    elif program != "eval":
        return False
    return any(re.search(_SUBSTITUTED_DOWNLOAD, word) for word in words)


def _takes_any_certificate(command: Command) -> bool:
    pattern = _NO_CERTIFICATE.get(command.program)
    if pattern is None:
        return False
    words = [word.text for word in command.arguments[1:]]
    if any(name in word for word in words for name in _THIS_MACHINE):
        return False
    return any(re.fullmatch(pattern, _options_alone(word)) for word in words if word.startswith("-"))


def _options_alone(word: str) -> str:
    """`-fko` of `-fkofile`: the letters up to one that takes the rest as its value."""
    if word.startswith("--"):
        return word
    end = next((position for position, letter in enumerate(word) if letter in _CURL_VALUES), len(word))
    return word[: end + 1]


def check_powershell_downloads(script: Script) -> None:
    """Report downloads that are run as they come: at `iex` in lines that fetch something."""
    if not re.search(_POWERSHELL_RUN, script.text):
        return
    offset = 0
    for line in script.text.split("\n"):
        found = re.search(_POWERSHELL_RUN, line)
        if found and not line.lstrip().startswith("#") and re.search(_POWERSHELL_FETCH, line):
            message = f"'{found[0]}' runs what was downloaded, whatever it is"
            start = offset + found.start()
            script.report(start, start + len(found[0]), codes.PIPED_TO_SHELL, message, _HINT_RUN)
        offset += len(line) + 1
