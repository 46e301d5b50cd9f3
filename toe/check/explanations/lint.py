"""Explanations of what the lint finds, and of Image Builder's own rules."""

from __future__ import annotations

from toe import codes
from toe.check.explanations.examples import Explanation, one_phase, step, two_phases, whole_document
from toe.check.options import CheckOptions

_LINT = CheckOptions(lint=True)
_IMAGE_BUILDER = CheckOptions(profile="imagebuilder")
_DOWNLOAD = "action: WebDownload\ninputs:\n  - source: {}\n    destination: /tmp/tool.tgz\n"
_SUM = "    algorithm: SHA256\n    checksum: " + "0123456789abcdef" * 4 + "\n"


def _script(*lines: str, name: str = "One") -> str:
    block = "".join(f"      {line}\n" for line in lines)
    return step(f"action: ExecuteBash\ninputs:\n  commands:\n    - |\n{block}", name)


def _of(text: str, wrong: str, right: str) -> Explanation:
    return Explanation(text, wrong, right, _LINT)


LINT: dict[str, Explanation] = {
    codes.SWALLOWED_FAILURE: _of(
        "A script runs without `-e`: when a command in its middle fails, the script goes on, and the step succeeds if "
        "the last command does. Broken images are shipped that way.",
        _script("make build", "make install", "echo done"),
        _script("set -euo pipefail", "make build", "make install", "echo done"),
    ),
    codes.PIPED_TO_SHELL: _of(
        "A shell that reads from a download runs whatever the server sends, also the first half of it when the "
        "connection breaks. Download to a file, compare its checksum, then run it.",
        _script("curl -fsSL https://example.com/install.sh | bash"),
        _script(
            "set -e",
            "curl -fsSLo install.sh https://example.com/install.sh",
            "sha256sum -c install.sums",
            "bash install.sh",
        ),
    ),
    codes.SECRET: _of(
        "A secret in a document is read by everybody who reads the document, its copies and its logs. Keep it in "
        "Systems Manager or Secrets Manager and refer to it: `{{ aws:ssm:/path }}` appears in no log.",
        _script("export DB_PASSWORD=hunter2-Xk9"),
        _script("export DB_PASSWORD='{{ aws:ssm:/app/db-password }}'"),
    ),
    codes.UNQUOTED_IN_SCRIPT: _of(
        "An expression is put into the script as text. Without quotes bash splits its value into words and expands "
        "wildcards in it, and a value such as `x; reboot` is a command.",
        whole_document(_script("rm -rf {{ Folder }}")) + "parameters:\n  - Folder: {type: string, default: /tmp/x}\n",
        whole_document(_script("rm -rf '{{ Folder }}'")) + "parameters:\n  - Folder: {type: string, default: /tmp/x}\n",
    ),
    codes.NO_CHECKSUM: _of(
        "Without a checksum the image holds whatever the server sent on that day. With one, a changed file fails the "
        "step, and a file that is there already is not downloaded again.",
        step(_DOWNLOAD.format("https://example.com/tool.tgz")),
        step(_DOWNLOAD.format("https://example.com/tool.tgz") + _SUM),
    ),
    codes.PLAIN_HTTP: _of(
        "Over http anybody on the way can put another file in the place of the right one, and nothing would notice.",
        step(_DOWNLOAD.format("http://example.com/tool.tgz")),
        step(_DOWNLOAD.format("https://example.com/tool.tgz") + _SUM),
    ),
    codes.ANY_CERTIFICATE: _of(
        "Without a look at the certificate any server may answer in the right one's place.",
        step(_DOWNLOAD.format("https://example.com/tool.tgz") + _SUM + "    ignoreCertificateErrors: true\n"),
        step(_DOWNLOAD.format("https://example.com/tool.tgz") + _SUM),
    ),
    codes.UNUSED_DECLARATION: _of(
        "Nothing refers to the parameter or constant: a value that is given for it has no effect. Often its name is "
        "misspelt where it was to be used.",
        "parameters:\n  - Version: {type: string, default: '1'}\n",
        whole_document(_script("echo '{{ Version }}'")) + "parameters:\n  - Version: {type: string, default: '1'}\n",
    ),
    codes.NEVER_RUNS: _of(
        "An earlier step always fails and ends the run, so this one is never reached.",
        _script("exit 1") + _script("echo hi", name="Two"),
        _script("exit 0") + _script("echo hi", name="Two"),
    ),
    codes.WORLD_WRITABLE: _of(
        "Every user and every process of the machine can change what lies there, programs included.",
        step("action: CreateFile\ninputs:\n  - {path: /opt/app/run.sh, permissions: '0777'}\n"),
        step("action: CreateFile\ninputs:\n  - {path: /opt/app/run.sh, permissions: '0755'}\n"),
    ),
    codes.SUDO: _of(
        "Components run as root. `sudo` adds nothing, drops variables of the environment, and is missing in small "
        "images.",
        _script("sudo systemctl enable app"),
        _script("systemctl enable app"),
    ),
    codes.ASKS: _of(
        "The package manager waits for an answer, gets the end of its input and gives up, or waits for ever.",
        _script("apt-get install nginx"),
        _script("apt-get install -y nginx"),
    ),
    codes.REBOOT_IN_SCRIPT: _of(
        "The machine goes down under the run, which is cut off somewhere. The Reboot action goes on with the next step "
        "afterwards, and a script that ends with 194 (3010 on Windows) is run again.",
        _script("reboot"),
        step("action: Reboot\n"),
    ),
    codes.NOTHING_TO_DO: _of(
        "A phase without steps, a step without commands and a script of comments do nothing and succeed. Often a line "
        "was indented wrongly, or a template was never filled in.",
        _script("# install the agent here"),
        _script("yum install -y amazon-cloudwatch-agent"),
    ),
    codes.NO_SHELL: _of(
        "Actions other than ExecuteBash and ExecutePowerShell hand their inputs to no shell: `~`, `$HOME`, `%TEMP%` "
        "and `*` are ordinary text there, and `C:\\` is part of a name on Linux. CopyFile, CopyFolder, MoveFile, "
        "MoveFolder, DeleteFile and S3Upload take `*` in the last part of the path that they read.",
        step("action: CreateFolder\ninputs: [{path: $HOME/app}]"),
        step("action: CreateFolder\ninputs: [{path: '{{ env:HOME }}/app'}]"),
    ),
    codes.NO_HOME: _of(
        "Image Builder runs components as root without the variable HOME. `$HOME/x` is `/x` then, and `git config "
        "--global` fails. With `toe run` from a terminal all of it works.",
        _script("set -e", "git config --global user.name builder"),
        _script("set -e", "export HOME=/root", "git config --global user.name builder"),
    ),
    codes.NEAR_PHASE: _of(
        "Image Builder runs the phases `build`, `validate`, `test` and `container-host-test`, and passes over all "
        "others without a word: a component whose phase is misspelt does nothing and succeeds.",
        one_phase("bulid"),
        one_phase("build"),
    ),
    codes.SHELLCHECK: _of(
        "shellcheck, which is asked where it is installed, found something in a bash script. Its own code begins the "
        "message; the hint has the address of its page.",
        _script('if [ $1 = "x" ]; then echo "$1"; fi'),
        _script('if [ "$1" = "x" ]; then echo "$1"; fi'),
    ),
}

IMAGE_BUILDER: dict[str, Explanation] = {
    codes.NO_NEEDED_PHASE: Explanation(
        "Image Builder wants a phase `build`, `validate` or `test`; `container-host-test` alone is not enough.",
        one_phase("install"),
        one_phase("build"),
        _IMAGE_BUILDER,
    ),
    codes.OTHER_STAGE: Explanation(
        "Image Builder runs `build` and `validate` in its build stage, `test` and `container-host-test` in its test "
        "stage, each by itself, and other phases never. A step has the inputs and outputs of its own stage only.",
        two_phases("build", "test"),
        two_phases("build", "validate"),
        _IMAGE_BUILDER,
    ),
    codes.PHASE_NOT_RUN: Explanation(
        "Image Builder runs the phases `build`, `validate`, `test` and `container-host-test`, in exactly this "
        "spelling. Other phases are legal and run with `toe run`.",
        one_phase("install"),
        one_phase("build"),
        _IMAGE_BUILDER,
    ),
    codes.INLINE_SIZE: Explanation(
        "`data` of CreateComponent, and of CloudFormation and Terraform, takes 16,000 characters. A larger document "
        "goes into S3 and is given by its `uri`.",
        "",
        "",
        _IMAGE_BUILDER,
    ),
    codes.COMPONENT_SIZE: Explanation(
        "A component has 64 KB at most, however it is given. Split it, or let it download its scripts.",
        "",
        "",
        _IMAGE_BUILDER,
    ),
    codes.NO_TEST_COMPONENT: Explanation(
        "Image Builder takes a document whose only phase is `test` for a test component, and every other one for a "
        "build component. This one has a phase `test` and others, but nothing that runs in the build stage.",
        two_phases("test", "container-host-test"),
        one_phase("test"),
        _IMAGE_BUILDER,
    ),
}
