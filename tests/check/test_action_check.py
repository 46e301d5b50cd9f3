from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from toe.errors import Problem, Severity

Check = Callable[..., list[Problem]]

POWERSHELL = "- {name: One, action: ExecutePowerShell, inputs: {commands: [Write-Host hi]}}\n"
NESTING = (
    "schemaVersion: 1.0\nphases: [{{name: build, steps: [{{name: Go, action: ExecuteDocument, inputs: {{{}}}}}]}}]\n"
)
PLAIN = "schemaVersion: 1.0\nphases: [{name: build, steps: [{name: Say, action: UpdateOS}]}]\n"
NEEDY = "parameters: [{Host: {type: string}}]\n" + PLAIN


def _codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def test_platform_that_lacks_an_action_is_an_error_in_the_words_of_awstoe(check: Check) -> None:
    assert check(POWERSHELL) == []
    assert check(POWERSHELL, platforms=("windows",)) == []
    (problem,) = check(POWERSHELL, platforms=("linux", "windows"))
    assert problem.message == "Unsupported action ExecutePowerShell for os platform linux."
    assert problem.code == "TOE401"


def test_platform_that_lacks_an_input_is_an_error(check: Check) -> None:
    step = "- {name: One, action: CreateFile, inputs: [{path: a, content: b, owner: root, permissions: 0644}]}\n"
    assert check(step, platforms=("linux", "darwin")) == []
    assert _codes(check(step, platforms=("linux", "windows"))) == ["TOE402", "TOE402"]


def test_blocked_action_is_an_error(check: Check) -> None:
    (problem,) = check(POWERSHELL, blocked=frozenset({"ExecutePowerShell"}))
    assert (problem.code, problem.message) == ("TOE406", "action 'ExecutePowerShell' is blocked")


@pytest.mark.parametrize(
    ("action", "inputs", "code", "message"),
    [
        ("SetFileEncoding", "[{path: x, encoding: latin1}]", "TOE404", "latin1"),
        ("SetFileEncoding", "[{path: x, encoding: UTF-16-le}]", None, ""),
        ("SetFileEncoding", "[{path: x, encoding: '{{ env:E }}'}]", None, ""),
        ("SetFilePermissions", "[{path: x, permissions: 999}]", "TOE405", "999"),
        ("SetFilePermissions", "[{path: x, permissions: 0777}]", None, ""),
        ("CopyFile", "[{source: 'tree/*', destination: flat}]", "TOE403", ""),
        ("CopyFile", "{source: 'tree/*', destination: flat/}", None, ""),
        ("S3Download", "[{source: /local, destination: a}]", "TOE403", "no S3 address"),
        ("S3Download", "[{source: 's3://{{ env:B }}', destination: a}]", None, ""),
        ("S3Upload", "[{source: s3://a/b, destination: s3://a/b}]", "TOE403", "is an S3 address"),
        ("S3Upload", "[{source: a, destination: b}]", "TOE403", "no S3 address"),
        ("WebDownload", "[{source: 'ftp://a/b', destination: a}]", "TOE403", "no web address"),
        ("WebDownload", "[{source: 'https://a/b', destination: a, checksum: ab}]", "TOE403", "needs 'algorithm'"),
        ("WebDownload", "[{source: 'https://a/b', destination: a, algorithm: MD5}]", "TOE403", "needs 'checksum'"),
        (
            "WebDownload",
            "[{source: 'https://a/b', destination: a, algorithm: MD5, checksum: ab}]",
            "TOE403",
            "no MD5 checksum",
        ),
        ("ExecutePowerShell", "{commands: [a], file: a.ps1}", "TOE403", "exclude each other"),
        ("ExecutePowerShell", "{file: a.txt}", "TOE403", "no PowerShell script"),
        ("InstallMSI", "{path: a.msi, properties: {reboot: x}}", "TOE403", "may not be set"),
        ("InstallMSI", "{path: a.msi, reboot: Never}", "TOE404", "Allow, Force, Skip"),
        ("InstallMSI", "{path: a.msi, logOptions: '*VX'}", None, ""),
        ("UninstallMSI", "{path: a.msi, logOptions: 'z'}", "TOE405", "'logOptions'"),
        ("UninstallMSI", "{path: 'ftp://a/a.msi'}", "TOE403", "unknown scheme 'ftp'"),
        ("SetRegistry", "[{path: 'HKLM:\\A', name: N, value: 1, type: DWORD}]", None, ""),
        ("SetRegistry", "[{path: 'HKEY_LOCAL_MACHINE\\A', name: N, value: [a, b], type: MULTI_SZ}]", None, ""),
        ("SetRegistry", "[{path: 'HKXX:\\A', name: N, value: 1, type: SZ}]", "TOE403", "no registry path"),
        ("SetRegistry", "[{path: 'HKLM:\\A', name: N, value: 1.1, type: DWORD}]", "TOE422", "no DWORD"),
        ("SetRegistry", "[{path: 'HKLM:\\A', name: N, value: [1], type: DWORD}]", "TOE422", "a list is no DWORD"),
        ("SetRegistry", "[{path: 'HKLM:\\A', name: N, value: [a], type: SZ}]", "TOE403", "a list is no SZ"),
        ("SetRegistry", "[{path: 'HKLM:\\A', name: N, value: one, type: DWORD}]", "TOE403", "no DWORD"),
        ("SetRegistry", "[{path: 'HKLM:\\A', name: N, value: 1, type: NUMBER}]", "TOE404", "BINARY, DWORD"),
        ("Reboot", "{delaySeconds: -1}", "TOE403", "0 or more"),
    ],
)
def test_inputs_are_judged(check: Check, action: str, inputs: str, code: str | None, message: str) -> None:
    problems = check(f"- {{name: One, action: {action}, inputs: {inputs}}}\n")
    assert _codes(problems) == ([code] if code else [])
    assert all(message in problem.message for problem in problems)


def test_powershell_without_commands_and_file_is_an_error(check: Check) -> None:
    (problem,) = check("- {name: One, action: ExecutePowerShell}\n")
    assert problem.message == "'commands' is missing"


def test_fixed_settings_of_actions_are_kept(check: Check) -> None:
    assert check("- {name: One, action: Reboot, maxAttempts: 3}\n") == []
    assert _codes(check("- {name: One, action: Reboot, timeoutSeconds: 60}\n")) == ["TOE417"]


@pytest.mark.parametrize(
    ("condition", "code", "severity"),
    [
        ("{patternMatches: '(?=a)', value: a}", "TOE413", Severity.ERROR),
        ("{not: {patternMatches: '(', value: a}}", "TOE413", Severity.ERROR),
        ("{patternMatches: '{{ env:P }}(', value: a}", None, None),
        ("{fileMD5Equals: abc, path: a}", "TOE414", Severity.WARNING),
        ("{stringequals: abc, value: a}", "TOE216", Severity.WARNING),
    ],
)
def test_conditions_are_judged(check: Check, condition: str, code: str | None, severity: Severity | None) -> None:
    expected = [(code, severity)] if code else []
    under_if = check(f"- {{name: One, action: UpdateOS, if: {condition}}}\n")
    assert [(problem.code, problem.severity) for problem in under_if] == expected
    asserted = check(f"- {{name: One, action: Assert, inputs: {condition}}}\n")
    assert [(problem.code, problem.severity) for problem in asserted] == expected


def test_required_parameter_is_information_and_an_error_when_the_document_runs(check: Check) -> None:
    section = "parameters:\n  - Host: {type: string}\n"
    assert [(problem.code, problem.severity) for problem in check(section)] == [("TOE411", Severity.INFO)]
    (problem,) = check(section, given_parameters={})
    assert problem.severity is Severity.ERROR
    assert check(section, given_parameters={"Host": "a"}) == []


def test_values_must_be_allowed(check: Check) -> None:
    section = "parameters:\n  - Mode: {type: string, default: low, allowedValues: [low, high]}\n"
    assert check(section) == []
    assert _codes(check(section, given_parameters={"Mode": "hihg"})) == ["TOE412"]
    assert _codes(check(section.replace("default: low", "default: no"))) == ["TOE412"]
    listed = "parameters:\n  - Modes: {type: stringList, default: 'low,high', allowedValues: [low, high]}\n"
    assert check(listed) == []


def _write(folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(text)
    return str(folder / "top.yml")


def test_nested_document_beside_its_caller_is_followed(check: Check, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    path = _write(folder, sub=PLAIN.replace("UpdateOS", "UpdateOs"))
    (problem,) = check(NESTING.format("document: sub.yml"), path)
    assert (problem.code, problem.file) == ("TOE204", str(folder / "sub.yml"))


def test_nested_document_that_does_not_exist_is_an_error(check: Check, tmp_path: Path) -> None:
    path = _write(tmp_path)
    (problem,) = check(NESTING.format("document: sub.yml"), path)
    assert (problem.code, problem.severity) == ("TOE407", Severity.ERROR)


def test_nested_document_that_an_earlier_step_may_write_is_a_warning(check: Check, tmp_path: Path) -> None:
    path = _write(tmp_path)
    steps = "- {name: Get, action: UpdateOS}\n- {name: Go, action: ExecuteDocument, inputs: {document: sub.yml}}\n"
    (problem,) = check(steps, path)
    assert (problem.code, problem.severity) == ("TOE419", Severity.WARNING)


def test_cycle_of_documents_is_an_error(check: Check, tmp_path: Path) -> None:
    path = _write(tmp_path, sub=NESTING.format("document: top.yml"), top=NESTING.format("document: sub.yml"))
    (problem,) = check(NESTING.format("document: sub.yml"), path)
    assert problem.code == "TOE408"
    assert problem.message == "documents run each other in a cycle: top.yml -> sub.yml -> top.yml"


def test_documents_may_be_nested_three_levels_below_the_top(check: Check, tmp_path: Path) -> None:
    levels = {f"level{n}": NESTING.format(f"document: level{n + 1}.yml") for n in range(1, 4)}
    path = _write(tmp_path, **levels, level4=PLAIN)
    assert check(NESTING.format("document: level2.yml"), path) == []
    assert _codes(check(NESTING.format("document: level1.yml"), path)) == ["TOE409"]


@pytest.mark.parametrize(
    ("inputs", "codes"),
    [
        ("document: sub.yml", ["TOE410"]),
        ("document: sub.yml, parameters: [{name: Host, value: a}]", []),
        ("document: sub.yml, parameters: [{name: '{{ env:N }}', value: a}]", []),
        ("document: sub.yml, parameters: [{name: Host, value: a}, {name: Hots, value: a}]", ["TOE416"]),
        ("document: sub.yml, phases: 'build, tset', parameters: [{name: Host, value: a}]", ["TOE415"]),
        ("document: '{{ env:D }}'", []),
        ("document: 's3://bucket/key.yml'", []),
        ("document: 's3://bucket'", ["TOE418"]),
        ("document: 's3://bucket/folder/'", ["TOE418"]),
        ("document: 'https://example.com/a.yml?ref=main'", []),
        ("document: 'http://example.com/a.yml'", ["TOE418"]),
        ("document: 'arn:aws:imagebuilder:eu-west-1:aws:component/x/x.x.x'", []),
        ("document: 'arn:aws:imagebuilder:eu-west-1:component/x'", ["TOE418"]),
    ],
)
def test_call_of_a_nested_document_is_checked(check: Check, tmp_path: Path, inputs: str, codes: list[str]) -> None:
    path = _write(tmp_path, sub=NEEDY)
    assert _codes(check(NESTING.format(inputs), path)) == codes


def test_nested_documents_that_call_each_other_many_times_are_followed_once(check: Check, tmp_path: Path) -> None:
    call = "{{name: Go{}, action: ExecuteDocument, inputs: {{document: {}.yml}}}}"

    def many(target: str) -> str:
        calls = ", ".join(call.format(number, target) for number in range(100))
        return f"schemaVersion: 1.0\nphases: [{{name: build, steps: [{calls}]}}]\n"

    path = _write(tmp_path, one=many("two"), two=many("three"), three=PLAIN)
    assert check(many("one"), path) == []
