"""The lint: each rule with what it finds and with what it must leave alone."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from toe import codes
from toe.check.explanations import whole_document
from toe.errors import Problem, Severity

Check = Callable[..., list[Problem]]


def steps(*bodies: str) -> str:
    """Steps named S0, S1 ... with these bodies."""
    return "".join(f"- name: S{n}\n{textwrap.indent(body, '  ')}" for n, body in enumerate(bodies))


def bash(*lines: str) -> str:
    return "action: ExecuteBash\ninputs:\n  commands:\n    - |\n" + "".join(f"      {line}\n" for line in lines)


def powershell(*lines: str) -> str:
    return bash(*lines).replace("ExecuteBash", "ExecutePowerShell")


def linted(check: Check, text: str) -> list[tuple[str, int, int]]:
    """Code, line and column of what the lint finds, without shellcheck's part."""
    found = check(text, lint=True)
    assert all(problem.severity is not Severity.ERROR for problem in found), found
    return [
        (problem.code, problem.line, problem.column)
        for problem in found
        if problem.code.startswith("TOE5") and problem.code != codes.SHELLCHECK
    ]


def codes_in(check: Check, *bodies: str) -> set[str]:
    return {code for code, _, _ in linted(check, steps(*bodies))}


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("TOE501", ["make", "echo done"]),
        ("TOE501", ["cd /opt; make; echo done"]),
        ("TOE501", ["if true; then", "  make", "fi", "echo done"]),
        ("TOE501", ["curl -fsSLO https://x/y | tee log", "dpkg -i y", "echo ok"]),
        ("TOE501", ["set -e", "make | tee log"]),
        ("TOE501", ["make 2>&1 | tee -a log"]),
        ("TOE501", ["set -eu", "{ cd a; make; } |& tee log", "echo ok"]),
        ("TOE501", ["set -e", "if make | tee log; then echo ok; fi"]),
        ("TOE502", ["curl -fsSL https://x/y | bash"]),
        ("TOE502", ["wget -qO- https://x/y | sudo sh -s -- -y"]),
        ("TOE502", ['bash -c "$(curl -fsSL https://x/y)"']),
        ("TOE502", ["source <(curl -s https://x/y)"]),
        ("TOE502", ["curl https://x | python3 -"]),
        ("TOE503", ["export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPL3"]),
        ("TOE503", ["mysql --password=hunter2-Xk9q"]),
        ("TOE503", ["export DB_PASSWORD=correct-horse-battery"]),
        ("TOE503", ["export DB_SECRET=K7MDENG/bPxRfiCYzz"]),
        ("TOE503", ["export DB_PASSWORD_SECRET=Xk9q-hunter2"]),
        ("TOE507", ["curl -fskO https://x/y"]),
        ("TOE507", ["wget --no-check-certificate https://x/y"]),
        ("TOE510", ["chmod -R 777 /opt/app"]),
        ("TOE510", ["chmod a+w /opt/app"]),
        ("TOE511", ["sudo systemctl start x"]),
        ("TOE512", ["apt-get install nginx"]),
        ("TOE512", ["yum install httpd"]),
        ("TOE513", ["reboot"]),
        ("TOE513", ["systemctl reboot"]),
        ("TOE514", ["# nothing", "", "  # at all"]),
        ("TOE516", ["echo hi > $HOME/x"]),
        ("TOE516", ['echo "${HOME}/x"']),
        ("TOE516", ["set -e", "git config --global user.name x"]),
    ],
)
def test_a_script_is_found_unwise(check: Check, code: str, lines: list[str]) -> None:
    assert code in codes_in(check, bash(*lines))


@pytest.mark.parametrize(
    "lines",
    [
        ["set -euo pipefail", "make", "echo done"],
        ["set -o errexit", "make", "echo done"],
        ["make && make install"],
        ["make || exit 1", "echo done"],
        ["echo one", "echo two"],
        ["VERSION=1.2", "export PATH=$PATH:/opt", "make"],
        ["make", "if [ $? -ne 0 ]; then exit 1; fi", "echo done"],
        ["trap 'exit 1' ERR", "make", "echo done"],
        ["cat > f <<EOF", "make", "curl x | bash", "sudo reboot", "EOF"],
        ["# curl https://x | bash", "# sudo reboot", "true"],
        ["echo 'curl https://x | bash'"],
        ["curl -fsSL https://x/y | tar xz"],
        ["curl -fsSLo /dev/null https://localhost/health -k"],
        ["chmod 755 /opt/app && chmod 1777 /opt/tmp"],
        ["sudo -u app whoami"],
        ["apt-get install -y nginx"],
        ["DEBIAN_FRONTEND=noninteractive apt-get -yq install nginx"],
        ["exit 194"],
        ["set -o pipefail", "make | tee log"],
        ["set -euo pipefail", "make | tee log"],
        ["make | tee log; exit ${PIPESTATUS[0]}"],
        ["echo hi | tee /etc/x"],
        ["set -e", "make | grep -v note"],
        ["# a comment", "make"],
        ["export HOME=/root", "echo hi > $HOME/x"],
        ["HOME=/root git config --global user.name x"],
        ["echo '$HOME' ${HOME:-/root} $HOMEPAGE ~/x"],
        ["git config --system user.name x"],
        ["export DB_PASSWORD='{{ aws:ssm:/db }}'"],
        ["export DB_PASSWORD=$1"],
        ["export DB_PASSWORD=prod/my-app/db_password2"],
        ["export DB_PASSWORD_SECRET=prod-db-password"],
        ['if [ "unterminated'],
    ],
)
def test_a_script_is_left_alone(check: Check, lines: list[str]) -> None:
    assert codes_in(check, bash(*lines)) == set()


def test_the_first_swallowing_command_is_pointed_at_once(check: Check) -> None:
    found = linted(check, steps(bash("echo begin", "  make build", "make install", "echo done")))
    assert found == [("TOE501", 11, 17)]


def test_powershell_scripts_are_read_too(check: Check) -> None:
    assert codes_in(check, powershell("Copy-Item a b", "Write-Host done")) == {"TOE501"}
    assert codes_in(check, powershell("$ErrorActionPreference = 'Stop'", "Copy-Item a b", "Write-Host done")) == set()
    assert codes_in(check, powershell("iex (iwr https://x/y)")) == {"TOE502"}
    assert codes_in(check, powershell("Restart-Computer -Force")) == {"TOE513"}


PARAMETER = "parameters:\n  - Name: {type: string, default: x}\n"


@pytest.mark.parametrize(
    ("line", "unwise"),
    [
        ("rm -rf {{ Name }}", True),
        ("X={{ Name }}", True),
        ("echo a{{ Name }}b", True),
        ("echo '{{ Name }}'", False),
        ('echo "{{ Name }}"', False),
        ("# {{ Name }}", False),
        ("echo {{ context:uuid }} '{{ Name }}'", False),
        ("for i in {{ Name }}; do echo; done", False),
        ("exit {{ Name }}", False),
        ("if true; then exit {{ Name }}; fi", False),
        ("exit {{ Name }}a", True),
        ("exit 1 {{ Name }}", True),
        ("noexit {{ Name }}", True),
    ],
)
def test_an_expression_in_a_script_wants_quotes(check: Check, line: str, unwise: bool) -> None:
    from toe.check.explanations import whole_document

    text = whole_document(steps(bash(line))) + PARAMETER
    assert ("TOE504" in {code for code, _, _ in linted(check, text)}) is unwise


def test_downloads_are_judged(check: Check) -> None:
    def download(source: str, more: str = "") -> str:
        return f"action: WebDownload\ninputs:\n  - source: {source}\n    destination: /tmp/x\n{more}"

    checked = "    algorithm: MD5\n    checksum: " + "0" * 32 + "\n"
    assert codes_in(check, download("https://x/y")) == {"TOE505"}
    assert codes_in(check, download("http://x/y")) == {"TOE506"}
    assert codes_in(check, download("http://x/y", checked)) == set()
    assert codes_in(check, download("https://x/y", checked + "    ignoreCertificateErrors: true\n")) == {"TOE507"}


@pytest.mark.parametrize(
    ("inputs", "unwise"),
    [
        ("CreateFolder: [{path: ~/app}]", True),
        ("CreateFolder: [{path: '~'}]", True),
        ("CreateFolder: [{path: /a/~b}]", False),
        ("CreateFolder: [{path: $HOME/app}]", True),
        ("CreateFolder: [{path: '${APP_DIR}/x'}]", True),
        ("CreateFolder: [{path: '$env:TEMP\\x'}]", True),
        ("CreateFolder: [{path: '%TEMP%\\x'}]", True),
        ("CreateFolder: [{path: 'C:\\$Recycle.Bin'}]", False),
        ("CreateFolder: [{path: '{{ env:HOME }}/app'}]", False),
        ("CreateFolder: [{path: 'C:\\app'}]", False),
        ("CreateSymlink: [{path: 'C:\\app', target: /b}]", True),
        ("CreateFile: [{path: /a/b, content: '~ $HOME *'}]", False),
        ("DeleteFile: [{path: /a/*.log}]", False),
        ("DeleteFolder: [{path: /a/*}]", True),
        ("ReadFile: [{path: /a/*}]", True),
        ("CopyFile: [{source: /a/*, destination: /b/}]", False),
        ("S3Upload: [{source: /a/*, destination: s3://b/c/}]", False),
        ("S3Download: [{source: s3://b/c/*, destination: /d/}]", False),
        ("ExecuteBinary: {path: /bin/ls, arguments: [$HOME]}", True),
        ("ExecuteBinary: {path: /bin/ls, arguments: [~/a]}", True),
        ("ExecuteBinary: {path: /bin/ls, arguments: ['--ignore=*.log', a~b]}", False),
        ("ListFiles: [{path: /a, fileNamePattern: '*.log'}]", False),
    ],
)
def test_no_shell_reads_the_inputs_of_other_actions(check: Check, inputs: str, unwise: bool) -> None:
    action, _, rest = inputs.partition(": ")
    assert ("TOE515" in codes_in(check, f"action: {action}\ninputs: {rest}")) is unwise


def test_a_drive_is_judged_by_the_platforms_that_the_document_is_meant_for(check: Check) -> None:
    folder = "action: CreateFolder\ninputs: [{path: 'C:\\app'}]\n"
    text = steps(folder)
    assert [problem.code for problem in check(text, lint=True, platforms=("linux",))] == ["TOE515"]
    assert check(text, lint=True, platforms=("windows",)) == []
    assert codes_in(check, folder, bash("make")) == {"TOE515"}
    assert codes_in(check, folder, bash("make"), powershell("Get-Item a")) == set()


def test_what_does_nothing_is_said(check: Check) -> None:
    head = "schemaVersion: 1.0\nphases:\n"
    assert [(code, line) for code, line, _ in linted(check, f"{head}  - name: build\n    steps: []\n")] == [
        ("TOE514", 4)
    ]
    assert codes_in(check, "action: ExecuteBash\ninputs: {commands: []}") == {"TOE514"}
    assert codes_in(check, "action: ExecutePowerShell\ninputs: {commands: []}") == {"TOE514"}
    assert codes_in(check, powershell("# nothing")) == {"TOE514"}


def test_one_swallowed_failure_is_said_once(check: Check) -> None:
    found = linted(check, steps(bash("make", "make test | tee log", "echo done")))
    assert [code for code, _, _ in found] == ["TOE501"]


def test_unused_declarations_are_named(check: Check) -> None:
    declared = "parameters:\n  - Used: {type: string}\n  - Path: {type: string}\n  - Unused: {type: string}\n"
    from toe.check.explanations import whole_document

    text = whole_document(steps(bash("echo '{{ Used }}' '{{ aws:ssm:resolve(Path) }}'"))) + declared
    assert [(code, line) for code, line, _ in linted(check, text)] == [
        ("TOE508", text[: text.index("Unused")].count("\n") + 1)
    ]


@pytest.mark.parametrize(
    ("declaration", "severity"),
    [
        ("parameters:\n  - Unused: {type: string}\n", Severity.WARNING),
        ("parameters:\n  - Unused: {type: string, default: ''}\n", Severity.INFO),
        ("constants:\n  - Unused: {type: string, value: x}\n", Severity.WARNING),
    ],
)
def test_an_unused_parameter_with_a_default_is_information(check: Check, declaration: str, severity: Severity) -> None:
    from toe.check.explanations import whole_document

    found = check(whole_document(steps(bash("echo hi"))) + declaration, lint=True)
    assert [problem.severity for problem in found if problem.code == "TOE508"] == [severity]


def test_what_follows_a_certain_failure_never_runs(check: Check) -> None:
    assert codes_in(check, bash("exit 1"), bash("echo hi")) == {"TOE509"}
    assert codes_in(check, "onFailure: Continue\n" + bash("exit 1"), bash("echo hi")) == set()
    assert codes_in(check, "if: {fileExists: /x}\n" + bash("exit 1"), bash("echo hi")) == set()
    assert codes_in(check, bash("exit 1")) == set()


@pytest.mark.parametrize(("mode", "unwise"), [("'0777'", True), ("666", True), ("'0755'", False), ("'1777'", False)])
def test_modes_that_let_everybody_write(check: Check, mode: str, unwise: bool) -> None:
    body = f"action: CreateFolder\ninputs:\n  - path: /x\n    permissions: {mode}\n"
    assert ("TOE510" in codes_in(check, body)) is unwise


def test_a_secret_is_never_shown(check: Check) -> None:
    found = check(steps(bash("export DB_PASSWORD=hunter2-Xk9q")), lint=True)
    assert any(problem.code == codes.SECRET for problem in found)
    assert not any("hunter2-Xk9q" in part for problem in found for part in map(str, problem))


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("PasswordSecret", "Jumphost/RdpUser", False),
        ("PasswordSecret", "rds-master-password", False),
        ("Password", "Jumphost/RdpUser", False),
        ("PasswordSecret", "hunter2-Xk9q", True),
        ("ClientSecret", "rds-master-password", True),
        ("SecretAccessKey", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY", True),
    ],
)
def test_the_path_or_name_of_a_secret_is_no_secret(check: Check, name: str, value: str, is_secret: bool) -> None:
    text = whole_document(steps(bash("true"))) + f"parameters:\n  - {name}: {{type: string, default: {value}}}\n"
    found = [problem for problem in check(text, lint=True) if problem.code == codes.SECRET]
    assert bool(found) is is_secret
    assert not any(value in problem.source_line for problem in found)


def test_a_comment_silences_what_it_names_on_its_line(check: Check) -> None:
    assert codes_in(check, bash("sudo reboot # toe: ignore[TOE511]")) == {"TOE513"}
    assert codes_in(check, bash("sudo reboot # toe: ignore[TOE511, TOE513]")) == set()
    assert codes_in(check, bash("sudo reboot # toe: ignore[TOE999]")) == {"TOE511", "TOE513"}
    mode = "action: CreateFile\ninputs:\n  - path: /x\n    permissions: '0777' # toe: ignore[TOE510]\n"
    assert codes_in(check, mode) == set()


def test_without_lint_nothing_of_it_is_said(check: Check) -> None:
    assert check(steps(bash("sudo make", "echo done"))) == []
