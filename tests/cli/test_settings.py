"""`[tool.toe]` and `.toe.toml`: what a project says of the checks of its documents."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from forked_toe import toe_says

TOE = [sys.executable, "-m", "toe", "validate"]
GUIDE = (Path(__file__).resolve().parents[2] / "examples/guides/checking.md").read_text()
HEAD = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n"
STEP = "      - name: One\n        action: CreateFile\n        inputs:\n          - path: /tmp/a\n"
#: TOE510, a warning, and TOE505, information.
UNWISE = (
    HEAD
    + STEP
    + "            permissions: '0777'\n"
    + "      - name: Two\n        action: WebDownload\n        inputs:\n"
    + "          - source: https://example.com/a\n            destination: /tmp/b\n"
)
BAD = UNWISE.replace("CreateFile", "CreatFile")


def validate(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return toe_says("validate", *arguments, stdin=stdin)


def codes(*arguments: str, stdin: str = "") -> list[str]:
    """The codes of all that is found, those that depend on the platform aside."""
    found = [problem["code"] for problem in json.loads(validate(*arguments, stdin=stdin).stdout)["problems"]]
    return sorted(set(found) - {"TOE420"})


def write(name: str, text: str = UNWISE) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return name


def test_a_project_selects_and_ignores() -> None:
    document = write("repo/parts/deep/a.yml")
    Path("repo/.git").mkdir()
    assert codes(document) == ["TOE505", "TOE510"]
    write("repo/pyproject.toml", "[project]\nname = 'x'\n\n[tool.toe]\nselect = ['TOE5']\nignore = ['toe505']\n")
    assert codes(document) == ["TOE510"]
    write("repo/parts/pyproject.toml", "[tool.other]\n")
    assert codes(document) == ["TOE510"]  # says nothing of toe: the one above counts
    write("repo/parts/.toe.toml", "ignore = ['TOE51']\n")
    assert codes(document) == ["TOE505"]  # nearer
    assert codes(document, "--ignore", "TOE505") == []
    assert codes(document, "--select", "TOE51") == []
    assert codes(document, "--no-config") == ["TOE505", "TOE510"]


def test_the_search_ends_at_the_root_of_the_repository() -> None:
    write(".toe.toml", "ignore = ['TOE5']\n")
    document = write("repo/a.yml")
    assert codes(document) == []
    write("repo/.git", "gitdir: elsewhere\n")  # as a worktree has it
    assert codes(document) == ["TOE505", "TOE510"]


@pytest.mark.parametrize(
    "spelled",
    [
        "[ tool . 'toe' ]\nignore = ['TOE510']",
        "tool.toe.ignore = ['TOE510']",
        "[tool]\ntoe.ignore = ['TOE510']",
        "tool = {toe = {ignore = ['TOE510']}}",
        "\"tool\".toe = {ignore = ['TOE510']}",
    ],
)
def test_every_spelling_of_the_table_is_found(spelled: str) -> None:
    write("pyproject.toml", f"{spelled}\n")
    assert codes(write("a.yml")) == ["TOE505"]


def test_standard_input_belongs_to_the_folder_of_its_name() -> None:
    write("parts/.toe.toml", "ignore = ['TOE510']\n")
    assert codes("-", stdin=UNWISE) == ["TOE505", "TOE510"]
    assert codes("-", "--stdin-filename", "parts/new.yml", stdin=UNWISE) == ["TOE505"]


def test_errors_that_stop_a_run_are_always_told() -> None:
    write(".toe.toml", "select = ['TOE505']\nignore = ['TOE2', 'TOE420']\n")
    assert codes(write("a.yml", BAD)) == ["TOE204", "TOE505"]


def test_profile_and_platforms() -> None:
    write(".toe.toml", "profile = 'imagebuilder'\nplatforms = ['windows']\n")
    document = write("a.yml", UNWISE.replace("name: build", "name: Mine"))
    found = codes(document)
    assert "TOE601" in found
    assert "TOE402" in found  # Windows has no permissions
    assert "TOE402" not in codes(document, "--os-platforms", "linux")


def test_excluded_files_are_checked_when_they_are_named() -> None:
    write(".toe.toml", "exclude = ['drafts/', 'old-*.yml', 'deep/**/x.yml']\n")
    for name in ("drafts/a.yml", "parts/drafts/b.yml", "parts/old-c.yml", "deep/x.yml", "deep/er/x.yml", "parts/d.yml"):
        write(name)
    files = {problem["file"] for problem in json.loads(validate(".").stdout)["problems"]}
    assert files == {"parts/d.yml"}
    files = {problem["file"] for problem in json.loads(validate("parts/*.yml").stdout)["problems"]}
    assert files == {"parts/d.yml"}
    assert codes("drafts/a.yml") == ["TOE505", "TOE510"]
    assert validate("drafts/a.yml", "--skip-other-yaml").stdout.count("TOE") == 0  # pre-commit names all files
    done = validate("drafts")
    assert done.returncode == 2
    assert "no component document in drafts (1 file excluded)" in done.stderr


def test_the_settings_hold_in_the_processes_of_a_large_folder() -> None:
    large = UNWISE + "# " + "x" * 200_000 + "\n"
    for name in ("one/a.yml", "one/b.yml", "two/a.yml", "two/b.yml"):
        write(name, large)
    write("one/.toe.toml", "ignore = ['TOE510']\n")
    write("two/.toe.toml", "ignore = ['TOE505']\n")
    found = {(problem["file"], problem["code"]) for problem in json.loads(validate(".").stdout)["problems"]}
    assert {one for one in found if one[1] != "TOE420"} == {
        (f"{folder}/{name}.yml", code) for folder, code in (("one", "TOE505"), ("two", "TOE510")) for name in "ab"
    }


def test_exit_zero() -> None:
    document = write("a.yml", BAD)
    done = validate(document, "--exit-zero")
    assert done.returncode == 0
    assert json.loads(done.stdout)["validationStatus"] == "failed"
    assert validate("missing.yml", "--exit-zero").returncode == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nselct = []\n", ".toe.toml:2: unknown key 'selct' (did you mean 'select'?)"),
        ("[tool.toe]\nprofile = 1\n", ".toe.toml:2: 'profile' is a text, not a number"),
        ("ignore = 'TOE505'\n", ".toe.toml:1: 'ignore' is a list of texts, and is a text"),
        ("ignore = [\n  'TOE505',\n  true]\n", ".toe.toml:1: 'ignore' is a list of texts, and has true or false"),
        ("ignore = [\n  'TOE505',\n  'TOE599',\n]\n", ".toe.toml:3: unknown code 'TOE599' (did you mean 'TOE509'?)"),
        ("select = ['']\n", ".toe.toml:1: unknown code ''"),
        (
            "ignore = ['TOE201']\n",
            ".toe.toml:1: 'TOE201' cannot be ignored: a document with such an error does not run",
        ),
        ("profile = 'imagebuildr'\n", ".toe.toml:1: unknown profile 'imagebuildr' (did you mean 'imagebuilder'?)"),
        ("platforms = ['linux', 'macos']\n", ".toe.toml:1: unknown platform 'macos'"),
        ("a = [\n", ".toe.toml:1: not valid TOML: "),
        ("a = 1\na = 2\n", ".toe.toml:2:6: not valid TOML: cannot overwrite a value"),
        ("tool.toe = 3\n", ".toe.toml:1: 'tool.toe' is a table"),
    ],
)
def test_mistakes_in_the_file_are_one_message_with_their_line(text: str, message: str) -> None:
    write(".toe.toml", text)
    done = validate(write("a.yml"))
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.startswith("toe: error: ")
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["validationStatus"] == "failed"


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_unknown_codes_on_the_command_line(option: str) -> None:
    done = validate(write("a.yml"), option, "TOE5,TOE9")
    assert (done.returncode, "unknown code 'TOE9'" in done.stderr) == (2, True)


def test_what_the_guide_shows_is_taken() -> None:
    (shown,) = re.findall(r"```toml\n(\[tool\.toe\].*?)```", GUIDE, re.S)
    write("pyproject.toml", shown)
    assert validate(write("a.yml")).returncode in (0, 1)
