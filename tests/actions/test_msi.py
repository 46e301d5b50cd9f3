"""InstallMSI and UninstallMSI: command lines, signatures, exit codes, reboots, sources.

What runs here in the place of msiexec and PowerShell notes how it was called: that proves the contract of the calls.
A real msiexec is in tests/wine/test_msi_wine.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from aws_server import REGION, AwsServer
from fault_server import FaultServer, whole
from local_actions import Actions, ProcessContext
from powershell_grammar import assert_powershell

import toe
from toe.actions.base import Completed, Reboot
from toe.actions.msi.command import is_success, meaning, msiexec_command
from toe.actions.msi.handling import Outputs
from toe.actions.msi.signature import signature_refusal, signature_script, signature_status
from toe.aws.clients import aws_client
from toe.errors import ActionError
from toe.system.host import Host
from toe.system.processes.posix import PosixProcesses
from toe.system.processes.runner import ProcessEnd
from toe.system.windows.command_line import CommandLine

pytest_plugins = ("local_actions", "fault_fixtures")

MSIEXEC = r"C:\Windows\System32\msiexec.exe"
PACKAGE = r"C:\a b\x.msi"
GO_ON = {"ignoreAuthenticodeSignatureErrors": True, "allowUnsignedInstaller": True}


@pytest.mark.parametrize(
    ("option", "log_options", "log_file", "properties", "text"),
    [
        ("/i", "*VX", "", {}, r'/i "C:\a b\x.msi" /qn /norestart'),
        ("/x", "*VX", r"C:\l o\g.log", {}, r'/x "C:\a b\x.msi" /qn /norestart /L*VX "C:\l o\g.log"'),
        ("/i", "iwe!", "C:\\g.log", {"A": "1"}, r'/i "C:\a b\x.msi" /qn /norestart /Liwe! "C:\g.log" A=1'),
        (
            "/i",
            "*VX",
            "",
            {"COMPANYNAME": '"Acme ""A"" Ltd"', "Dir": r"C:\x\ ".strip(), "EMPTY": '""', "T": 'TRANSFORMS="a;b"'},
            r'/i "C:\a b\x.msi" /qn /norestart COMPANYNAME="Acme ""A"" Ltd" Dir=C:\x\ EMPTY="" T=TRANSFORMS="a;b"',
        ),
    ],
)
def test_the_command_line_is_to_the_letter(
    option: str, log_options: str, log_file: str, properties: dict[str, str], text: str
) -> None:
    command = msiexec_command(MSIEXEC, option, PACKAGE, log_options, log_file, properties)
    assert command == CommandLine(f'"{MSIEXEC}" {text}')


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"Reboot": "Force"}, "the property 'Reboot' may not be set (use the input 'reboot')"),
        ({"REINSTALLMODE": "amus"}, "the property 'REINSTALLMODE' may not be set (remove it)"),
        ({"reinstall": "ALL"}, "the property 'reinstall' may not be set (remove it)"),
        ({"A B": "x"}, "'A B' is no property's name"),
        ({"1A": "x"}, "'1A' is no property's name"),
        ({"/x": "x"}, "'/x' is no property's name"),
        ({"A": "two words"}, "the value of the property 'A' would be read as more than one"),
        ({"A": "1 REBOOT=Force"}, "the value of the property 'A' would be read as more than one"),
        ({"A": '"open'}, "the value of the property 'A' would be read as more than one"),
        ({"A": '"a" b"'}, "the value of the property 'A' would be read as more than one"),
        ({"A": "a\0b"}, "the value of the property 'A' would be read as more than one"),
        ({"A": '"' * 1001}, "the value of the property 'A' would be read as more than one"),
        ({"A": "a\nb"}, "the value of the property 'A' would be read as more than one"),
        ({"A": '"a\nb"'}, "the value of the property 'A' would be read as more than one"),
    ],
)
def test_no_property_becomes_anything_else(properties: dict[str, str], message: str, act: Actions) -> None:
    with pytest.raises(ActionError) as caught:
        msiexec_command(MSIEXEC, "/i", PACKAGE, "*VX", "", properties)
    assert caught.value.message.startswith(message)
    ((key, fault),) = act.faults("InstallMSI", path="a.msi", properties=properties)
    assert (key, message.startswith(fault)) == ("properties", True)


def test_a_property_with_an_expression_is_left_to_the_run(act: Actions) -> None:
    assert act.faults("InstallMSI", path="a.msi", properties={"A": "{{ Two Words }} {{ build.A.outputs.x }}"}) == []


@pytest.mark.parametrize("path", ['C:\\a"b.msi', "C:\\a\nb.msi"])
def test_a_path_cannot_end_its_quotes(path: str) -> None:
    with pytest.raises(ActionError, match="has a double quote or a line break"):
        msiexec_command(MSIEXEC, "/i", path, "*VX", "", {})


@pytest.mark.parametrize("options", ['x "C:\\l" REBOOT=Force /L*v', "*VX ", "q", ""])
def test_log_options_become_nothing_else(options: str) -> None:
    with pytest.raises(ActionError, match="'logOptions' must be letters of"):
        msiexec_command(MSIEXEC, "/i", PACKAGE, options, r"C:\g.log", {})


def test_exit_codes_of_success_are_the_references() -> None:
    codes = (0, 1, 1602, 1603, 1605, 1614, 1618, 1619, 1641, 3010)
    assert [code for code in codes if is_success(code, uninstalling=False)] == [0, 1614, 1641, 3010]
    assert [code for code in codes if is_success(code, uninstalling=True)] == [0, 1605, 1614, 1641, 3010]
    assert meaning(1619) == "exit status 1619 (the package cannot be opened)"
    assert meaning(7) == "exit status 7"


@pytest.mark.parametrize("path", [r"C:\a.msi", "C:\\'; exit 0 #.msi", '"$(exit)`n', "ümläut ☃", "@PATH@"])
def test_the_script_for_the_signature_is_powershell_whatever_the_path(path: str) -> None:
    script = signature_script(path)
    assert script.isascii()
    assert_powershell(script)
    others = [line for line in script.splitlines() if line not in signature_script("").splitlines()]
    assert len(others) == 1


@pytest.mark.parametrize(
    ("status", "ignore", "allow", "refused"),
    [
        ("Valid", False, False, ""),
        ("NotSigned", False, True, ""),
        ("NotSigned", True, False, "the package is not signed ('allowUnsignedInstaller: true' allows that)"),
        ("HashMismatch", True, False, ""),
        ("HashMismatch", False, True, "the package's signature is not valid: HashMismatch"),
        ("UnknownError", False, False, "'ignoreAuthenticodeSignatureErrors: true' allows that"),
    ],
)
def test_a_signature_decides(status: str, ignore: bool, allow: bool, refused: str) -> None:
    said = signature_refusal(status, ignore_errors=ignore, allow_unsigned=allow)
    assert (refused in said) if refused else said == ""


def test_the_status_of_a_signature_is_read() -> None:
    assert signature_status(Completed(0, "AuthenticodeStatus: NotSigned\r\nNot signed.", "")) == "NotSigned"
    for completed in (
        Completed(1, "", "boom"),
        Completed(0, "nothing", ""),
        Completed(1, "AuthenticodeStatus: Valid", ""),
    ):
        with pytest.raises(ActionError, match="the signature cannot be checked"):
            signature_status(completed)


class StandIns:
    """A process runner with a shell script for each program of Windows; what one is called with is noted.

    The exit code is read from a file: Linux has but eight bits of it.
    """

    child_pid = 0

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.called: list[Sequence[str]] = []
        self.answer("powershell.exe", 0, "echo 'AuthenticodeStatus: Valid'")
        self.answer("msiexec", 0, "echo done")

    def answer(self, program: str, code: int, body: str) -> None:
        """What a program does and how it ends."""
        (self._folder / f"{program}.sh").write_text(body + "\n")
        (self._folder / f"{program}.code").write_text(str(code))

    def run(self, argv: Sequence[str], *, environment: Mapping[str, str], **options: Any) -> ProcessEnd:
        self.called.append(argv)
        program = "msiexec" if isinstance(argv, CommandLine) else argv[0]
        command = ["sh", str(self._folder / f"{program}.sh"), *argv[1:]]
        end = PosixProcesses(own_process=False).run(command, environment={"PATH": "/usr/bin:/bin"}, **options)
        return end._replace(exit_code=int((self._folder / f"{program}.code").read_text()))

    def close(self) -> None:
        """Nothing is kept."""


@pytest.fixture
def programs(act: Actions, tmp_path: Path) -> StandIns:
    """The stand-ins that `act` runs with from here on, as on a Windows; a package lies in `x.msi`."""
    folder = tmp_path / "stand-ins"
    folder.mkdir()
    programs = StandIns(folder)
    act.ctx = ProcessContext(Host("windows", {"SystemRoot": r"C:\Windows"}, True, programs))
    Path("x.msi").write_bytes(b"package")
    return programs


def test_a_package_is_checked_and_installed(act: Actions, programs: StandIns, tmp_path: Path) -> None:
    outputs = act("InstallMSI", path="x.msi", logFile="new/er/i.log", properties={"A": '"b c"'})
    assert outputs == Outputs(str(tmp_path / "new/er/i.log"), 0, "done")
    powershell, msiexec = programs.called
    assert powershell[:6] == ["powershell.exe", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File"]
    text = f'"{MSIEXEC}" /i "{tmp_path}/x.msi" /qn /norestart /L*VX "{tmp_path}/new/er/i.log" A="b c"'
    assert msiexec == CommandLine(text)
    assert (tmp_path / "new/er").is_dir()


def test_an_unsigned_package_is_not_installed(act: Actions, programs: StandIns) -> None:
    programs.answer("powershell.exe", 0, "echo 'AuthenticodeStatus: NotSigned'")
    with pytest.raises(ActionError, match="the package is not signed"):
        act("InstallMSI", path="x.msi")
    assert len(programs.called) == 1
    act("InstallMSI", path="x.msi", allowUnsignedInstaller=True)
    assert "The signature's status NotSigned is ignored, as the document says" in act.ctx.logged


def test_powershell_is_not_asked_when_everything_is_allowed(act: Actions, programs: StandIns) -> None:
    act("UninstallMSI", path="x.msi", **GO_ON)
    (msiexec,) = programs.called
    assert " /x " in msiexec[0]


@pytest.mark.parametrize(
    ("code", "reboot", "same_step"),
    [
        (0, "Allow", None),
        (3010, "Allow", True),
        (1641, "Allow", True),
        (0, "Force", False),
        (3010, "Force", False),
        (3010, "Skip", None),
        (1614, "Allow", None),
    ],
)
@pytest.mark.parametrize("action", ["InstallMSI", "UninstallMSI"])
def test_a_reboot_is_asked_for_as_the_document_says(
    action: str, code: int, reboot: str, same_step: bool | None, act: Actions, programs: StandIns
) -> None:
    programs.answer("msiexec", code, "true")
    answer = act(action, path="x.msi", reboot=reboot)
    outputs = Outputs("", code, "")
    expected = outputs if same_step is None else Reboot(3010, same_step=same_step, outputs=outputs)
    assert answer == expected
    skipped = [line for line in act.ctx.logged if "it is skipped" in line]
    assert len(skipped) == (reboot == "Skip")


def test_uninstalling_what_is_not_installed_succeeds(act: Actions, programs: StandIns) -> None:
    programs.answer("msiexec", 1605, "true")
    assert act("UninstallMSI", path="x.msi").msi_exit_code == 1605
    with pytest.raises(ActionError, match=re.escape("exit status 1605 (the product is not installed)")):
        act("InstallMSI", path="x.msi")


def test_a_failure_names_code_meaning_and_log(act: Actions, programs: StandIns, tmp_path: Path) -> None:
    programs.answer("msiexec", 1603, "echo out; echo err >&2")
    with pytest.raises(ActionError) as caught:
        act("InstallMSI", path="x.msi", logFile="i.log")
    failure = caught.value
    log = str(tmp_path / "i.log")
    assert failure.message == f"msiexec: exit status 1603 (a fatal error during the installation); log: {log}"
    assert (failure.exit_code, failure.stderr) == (1603, "err")
    assert failure.outputs == {"logFile": log, "msiExitCode": 1603, "stdout": "out"}
    with pytest.raises(ActionError, match="'logFile' would have msiexec write a log"):
        act("InstallMSI", path="x.msi")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("missing.msi", "the package 'missing.msi' does not exist"),
        (".", "the package '.' is no file"),
        ("", "'path' is empty"),
        ("{12345678-1234-1234-1234-123456789ABC}", "is a product code"),
        ("ftp://host/a.msi", "unknown scheme 'ftp'"),
        ("s3://bucket/folder/", "names no single object"),
        ("s3://bucket/folder/*", "names no single object"),
        (r"s3://bucket/folder/..\..\x.msi", "is no file name on Windows"),
        ("s3://bucket/folder/C:x.msi", "is no file name on Windows"),
    ],
)
def test_a_package_that_cannot_be_meant_starts_nothing(
    path: str, message: str, act: Actions, programs: StandIns
) -> None:
    with pytest.raises(ActionError, match=re.escape(message)):
        act("InstallMSI", path=path)
    assert programs.called == []


def test_a_package_from_the_web_is_removed_afterwards(act: Actions, programs: StandIns, web: FaultServer) -> None:
    web.answers["/x%20y.msi"] = [whole(b"from the web")]
    act("InstallMSI", path=f"{web.url}/x%20y.msi", **GO_ON)
    found = re.search(r'/i "([^"]+/x y\.msi)"', programs.called[0][0])
    assert found
    assert not Path(found[1]).parent.exists()


@pytest.mark.parametrize("scheme", ["s3", "S3"])
def test_a_package_comes_from_s3(scheme: str, act: Actions, programs: StandIns, aws: AwsServer) -> None:
    s3 = aws_client("s3")
    s3.create_bucket(Bucket="parts", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="parts", Key="a/x.msi", Body=b"from s3")
    programs.answer("msiexec", 0, "true")
    act("InstallMSI", path=f"{scheme}://parts/a/x.msi", **GO_ON)
    assert re.search(r'/i "[^"]+/x\.msi"', programs.called[0][0])


@pytest.mark.parametrize("action", ["InstallMSI", "UninstallMSI"])
def test_linux_refuses_it_before_anything_runs(action: str, run_document: Callable[..., toe.RunResult]) -> None:
    steps = [{"name": "One", "action": action, "inputs": {"path": "x.msi"}}]
    with pytest.raises(toe.ToeError) as caught:
        run_document(json.dumps({"schemaVersion": "1.0", "phases": [{"name": "build", "steps": steps}]}))
    assert caught.value.exit_code == 2
    assert [problem.message for problem in caught.value.problems] == [
        f"Unsupported action {action} for os platform linux."
    ]
