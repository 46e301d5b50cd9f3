"""Explanations of the problems of actions, platforms and values."""

from __future__ import annotations

from toe import codes
from toe.check.explanations.examples import GOOD, NEEDY, NESTED, Explanation, bash, condition, step, whole_document
from toe.check.options import CheckOptions

ACTIONS: dict[str, Explanation] = {
    codes.UNSUPPORTED_ACTION: Explanation(
        "The action does not exist on one of the platforms that the document is meant for (`--os-platforms`).",
        step("action: ExecutePowerShell\ninputs: {commands: [Write-Host hi]}"),
        bash("echo hi"),
        CheckOptions(platforms=("linux",)),
    ),
    codes.UNSUPPORTED_INPUT: Explanation(
        "The action exists on the platform, but not this input of it: Windows has no POSIX owners and modes.",
        step("action: CreateFolder\ninputs: [{path: 'C:\\app', owner: root}]"),
        step("action: CreateFolder\ninputs: [{path: 'C:\\app'}]"),
        CheckOptions(platforms=("windows",)),
    ),
    codes.INPUT_FAULT: Explanation(
        "The inputs cannot work together, or one of them cannot work at all. The message says which.",
        step("action: WebDownload\ninputs: [{source: 'https://example.com/a', destination: a, algorithm: SHA256}]"),
        step("action: WebDownload\ninputs: [{source: 'https://example.com/a', destination: a}]"),
    ),
    codes.INPUT_WORD: Explanation(
        "The input takes one of a few words.",
        step("action: InstallMSI\ninputs: {path: 'C:\\a.msi', reboot: Never}"),
        step("action: InstallMSI\ninputs: {path: 'C:\\a.msi', reboot: Skip}"),
    ),
    codes.INPUT_PATTERN: Explanation(
        "The input's text has not the form that it must have.",
        step("action: S3Upload\ninputs: [{source: a, destination: 's3://b/k', expectedBucketOwner: me}]"),
        step("action: S3Upload\ninputs: [{source: a, destination: 's3://b/k', expectedBucketOwner: '111122223333'}]"),
    ),
    codes.PUBLISHED_FAULT: Explanation(
        "An example of AWS's guide sets a DWORD to 1.1. A DWORD is an integer: `toe run` fails such a step.",
        step("action: SetRegistry\ninputs: [{path: 'HKLM:\\SOFTWARE\\A', name: V, value: 1.1, type: DWORD}]"),
        step("action: SetRegistry\ninputs: [{path: 'HKLM:\\SOFTWARE\\A', name: V, value: '1.1', type: SZ}]"),
    ),
    codes.BLOCKED_ACTION: Explanation(
        "`--blocked-action-modules` forbids the action.",
        step("action: UpdateOS"),
        bash("echo hi"),
        CheckOptions(blocked=frozenset({"UpdateOS"})),
    ),
    codes.NESTED_UNREADABLE: Explanation(
        "The document that the step runs cannot be read. Paths are relative to the working directory or this document.",
        NESTED.format("missing.yml"),
        NESTED.format("nested.yml"),
        files=(("nested.yml", GOOD),),
    ),
    codes.NESTED_CYCLE: Explanation(
        "A document that is running is run again inside of itself, which would never end.",
        NESTED.format("nested.yml"),
        NESTED.format("good.yml"),
        files=(("nested.yml", whole_document(NESTED.format("nested.yml"))), ("good.yml", GOOD)),
    ),
    codes.NESTED_DEPTH: Explanation(
        "Documents may be nested up to three levels below the top one.",
        NESTED.format("1.yml"),
        NESTED.format("2.yml"),
        files=(
            *((f"{level}.yml", whole_document(NESTED.format(f"{level + 1}.yml"))) for level in range(1, 4)),
            ("4.yml", GOOD),
        ),
    ),
    codes.NESTED_PARAMETERS: Explanation(
        "The nested document declares a parameter without a default, and the step gives it no value.",
        NESTED.format("nested.yml"),
        NESTED.format("nested.yml") + "    parameters: [{name: Host, value: example.com}]\n",
        files=(("nested.yml", NEEDY),),
    ),
    codes.NESTED_UNKNOWN_PARAMETER: Explanation(
        "The step gives a value for a parameter that the nested document does not declare; nobody reads it.",
        NESTED.format("nested.yml") + "    parameters: [{name: Hots, value: x}, {name: Host, value: x}]\n",
        NESTED.format("nested.yml") + "    parameters: [{name: Host, value: x}]\n",
        files=(("nested.yml", NEEDY),),
    ),
    codes.NESTED_PHASES: Explanation(
        "The nested document has no such phase.",
        NESTED.format("nested.yml") + "    phases: build,tset\n",
        NESTED.format("nested.yml") + "    phases: build\n",
        files=(("nested.yml", GOOD),),
    ),
    codes.NESTED_MAYBE_LATER: Explanation(
        "The nested document cannot be read now. An earlier step may write it, or it has an address that this machine "
        "does not reach, so this is a warning.",
        bash("echo hi", "Fetch") + NESTED.format("missing.yml"),
        bash("echo hi", "Fetch") + NESTED.format("nested.yml"),
        files=(("nested.yml", GOOD),),
    ),
    codes.DOCUMENT_ADDRESS: Explanation(
        "A document is a local path, `s3://bucket/key`, an https URL, or the ARN of an Image Builder component.",
        NESTED.format("arn:aws:imagebuilder:component/hello"),
        NESTED.format("arn:aws:imagebuilder:eu-west-1:111122223333:component/hello/1.0.0/1"),
    ),
    codes.REQUIRED_PARAMETER: Explanation(
        "The parameter has no default: a run without a value for it is refused.",
        "parameters:\n  - Host: {type: string}\n",
        "parameters:\n  - Host: {type: string, default: localhost}\n",
    ),
    codes.NOT_ALLOWED: Explanation(
        "The value is not one of the parameter's allowedValues.",
        "parameters:\n  - Mode: {type: string, default: medium, allowedValues: [low, high]}\n",
        "parameters:\n  - Mode: {type: string, default: low, allowedValues: [low, high]}\n",
    ),
    codes.INVALID_PATTERN: Explanation(
        "`patternMatches` takes the RE2 syntax (Go's `regexp`): no look-around, no back-references.",
        condition("{patternMatches: '(?=a)', value: a}"),
        condition("{patternMatches: '^a', value: a}"),
    ),
    codes.HASH_LENGTH: Explanation(
        "The text can never be equal to a hash of this kind: it has another length, or is not hexadecimal.",
        condition("{fileMD5Equals: abc, path: /a}"),
        condition("{fileMD5Equals: d41d8cd98f00b204e9800998ecf8427e, path: /a}"),
    ),
    codes.FIXED_SETTING: Explanation(
        "ExecuteDocument has no timeout and one attempt; the nested steps have their own. Reboot has no timeout.",
        "- name: One\n  action: Reboot\n  timeoutSeconds: 60\n",
        "- name: One\n  action: Reboot\n",
    ),
    codes.PLATFORM_NEEDS: Explanation(
        "Actions or inputs that exist on different platforms leave fewer together than each alone. That is "
        "information: with `--os-platforms` it is judged by the platforms that you name.",
        bash("echo hi") + step("action: UpdateOS", "Two"),
        bash("echo hi"),
        CheckOptions(lint=True),
    ),
    codes.NO_PLATFORM: Explanation(
        "Two actions have no platform in common. A platform that lacks one of them refuses the whole document, also "
        "where an `if` would skip the step. Make a document for each platform.",
        bash("echo hi") + step("action: ExecutePowerShell\ninputs: {commands: [Write-Host hi]}", "Two"),
        bash("echo hi"),
        CheckOptions(lint=True),
    ),
}
