"""The README and the guides: each command that they show prints what is shown, each document is valid."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
import yaml

import toe
from toe.cli.options import COMMANDS
from toe.cli.pages import pages
from toe.codes import CODES
from toe.events import Event

REPOSITORY = Path(__file__).resolve().parent.parent
GUIDES = REPOSITORY / "examples" / "guides"
SCHEMAS = REPOSITORY / "schemas"
README = (REPOSITORY / "README.md").read_text()
PAGES = {"README.md": README} | {path.name: path.read_text() for path in sorted(GUIDES.glob("*.md"))}
SHOWN = [
    shown for text in PAGES.values() for shown in re.findall(r"```console\n\$ (?:aws)?toe (.*?)\n(.*?)```", text, re.S)
]
BLOCKS = [(name, block) for name, text in PAGES.items() for block in re.findall(r"```ya?ml\n(.*?)```", text, re.S)]
#: Options of other programs that the pages name.
FOREIGN = {
    "--cli-input-json",
    "--cli-input-yaml",
    "--editable",
    "--toe",
    "--toe-parameters",
    "--dist",
    "--user",
    "--classic",
}  #: Variables that are named so as to be left out: sudo's differ in each run.
IMAGINED = {"SUDO_COMMAND", "SUDO_TTY"}

HEAD = """name: Install a package
schemaVersion: 1.0
{}phases:
  - name: build
    steps:
      - name: Download
        action: {}
{}        inputs:
          commands:
            - {}
"""
DOCUMENTS = {
    "install.yml": HEAD.format("", "ExecuteBash", "", "curl -fsSLO http://127.0.0.1:9/tool.tgz"),
    "typo.yml": HEAD.format("", "ExecuteBsh", "        onFailur: Continue\n", "echo {{ build.Fetch.outputs.stdout }}")
    + """      - name: Install
        action: ExecuteBash
        inputs:
          commands:
            - echo '{{ build.Instal.outputs.stdout }}'
""",
    "tool.yml": HEAD.format(
        "parameters:\n  - Version:\n      type: string\n      default: '1.0'\n", "ExecuteBash", "", "|"
    )
    + """              curl -fsSLO https://example.com/tool-{{ Version }}.tgz
              tar -xzf tool-*.tgz -C /opt
""",
    "life.yml": next(block for page, block in BLOCKS if page == "how-a-run-works.md"),
    "recipe.yml": next(block for page, block in BLOCKS if page == "recipes.md"),
    "components/base.yml": HEAD.format("", "ExecuteBash", "", "':'"),
    "components/web.yml": """name: A web server
schemaVersion: 1.0
phases:
  - name: test
    steps:
      - name: Port  # toe: expect 50ms
        action: ExecuteBash
        inputs: {commands: [sleep 0.06]}
      - name: Certificate
        action: ExecuteBash
        inputs: {commands: [exit 77]}
""",
}


@pytest.mark.parametrize("function", ["run", "resume", "validate", "load"])
def test_every_argument_of_the_library_is_listed(function: str) -> None:
    arguments = inspect.signature(getattr(toe, function)).parameters.values()
    (listed,) = re.findall(rf"`{function}`:(.*?)\.(?:\s|$)", PAGES["library.md"], re.S)
    keywords = [argument.name for argument in arguments if argument.kind is argument.KEYWORD_ONLY]
    assert sorted(re.findall(r"`(\w+)`", listed)) == sorted(keywords)


def test_every_event_is_listed() -> None:
    listed = PAGES["library.md"].split("`on_event` gets")[1].split("\n\n")[0]
    assert set(re.findall(r"`([A-Z]\w+)`", listed)) == {event.__name__ for event in get_args(Event)}


def test_the_readme_names_every_command() -> None:
    assert {name for name in COMMANDS if f"`toe {name}" not in README and f"toe {name} " not in README} == set()


@pytest.mark.parametrize(("name", "text"), pages(SCHEMAS).items(), ids=lambda value: value if len(value) < 20 else "")
def test_a_reference_page_is_committed_as_generated(name: str, text: str) -> None:
    assert (SCHEMAS / name).read_text() == text, "run: python -m toe.cli.pages schemas"


def test_the_page_of_commands_has_every_option() -> None:
    sections = dict(re.findall(r"^## toe (\S+)\n(.*?)(?=^## |\Z)", (SCHEMAS / "commands.md").read_text(), re.S | re.M))
    assert sections.keys() == COMMANDS.keys()
    for name, command in COMMANDS.items():
        assert [option.name for option in command.options if f"`--{option.name}" not in sections[name]] == []


def test_the_page_of_codes_has_every_code_with_both_examples() -> None:
    text = (SCHEMAS / "codes.md").read_text()
    assert re.findall(r"^## (TOE\d+)$", text, re.M) == sorted(CODES)


def test_options_that_the_pages_name_are_there() -> None:
    known = {f"--{option.name}" for command in COMMANDS.values() for option in command.options} | FOREIGN
    known |= {"--help", "--version"}
    known |= {f"--{option.alias}" for command in COMMANDS.values() for option in command.options if option.alias}
    named = {(page, word) for page, text in PAGES.items() for word in re.findall(r"(?<![\w-])--[a-z][-a-z0-9]+", text)}
    assert {(page, word) for page, word in named if word not in known} == set()


@pytest.mark.parametrize(
    "path", [REPOSITORY / "README.md", *GUIDES.glob("*.md"), *SCHEMAS.glob("*.md")], ids=lambda path: path.name
)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    text = path.read_text()
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", text):
        linked = (path.parent / target) if target else path
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(), re.M)
            assert anchor in [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_every_variable_that_is_read_is_listed() -> None:
    """Of toe's own and of AWSTOE's, and those of sudo: what the code names is on the page, and nothing else."""
    own = re.compile(r"""["$({]((?:TOE|AWSTOE|SUDO)_[A-Z_]+)\b""")
    paths = [path for ending in ("*.py", "*.sh") for path in (REPOSITORY / "toe").rglob(ending)]
    read = {name for path in paths for name in own.findall(path.read_text())} - IMAGINED
    assert set(re.findall(r"`((?:TOE|AWSTOE|SUDO)_[A-Z_]+)`", PAGES["configuration.md"])) == read


def test_the_log_folder_has_the_files_that_are_listed() -> None:
    Path("life.yml").write_text(DOCUMENTS["life.yml"])
    subprocess.run([sys.executable, "-m", "toe", "run", "life.yml"], check=True, capture_output=True, timeout=60)
    (folder,) = Path().glob("TOE_*")
    table = PAGES["running.md"].split("## The log folder")[1].split("\n\n")[2]
    listed = {name for row in table.splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
    assert {path.name for path in folder.iterdir()} == {"D0__life.yml", *listed} - {"D<n>__<name>"}


@pytest.mark.parametrize(("page", "block"), BLOCKS, ids=[f"{page}-{number}" for number, (page, _) in enumerate(BLOCKS)])
def test_yaml_that_is_shown_is_valid(page: str, block: str) -> None:
    assert yaml.safe_load(block)
    if "schemaVersion:" in block:
        Path("component.yml").write_text(block)
        assert [problem.message for problem in toe.validate("component.yml")] == []


def without_chance(text: str) -> str:
    """A transcript without its durations, ids and log folders, and without what is told of the machine, or once."""
    text = re.sub(r"toe: making the toe that runs in containers.*\n", "", text)
    text = re.sub(r"\d+\.\d+ s\b|\d+ ms\b", "TIME", text)
    text = re.sub(r"\((linux|darwin), (not )?root\)", "(HOST)", text)
    text = re.sub(r"[^\s\"]*/TOE_[-_\w]+", "LOGS", text)
    return re.sub(r'"executionId": "[-\w]+"', '"executionId": "ID"', text)


@pytest.mark.parametrize(("arguments", "shown"), SHOWN, ids=[arguments for arguments, _ in SHOWN])
def test_what_is_shown_is_printed(arguments: str, shown: str, request: pytest.FixtureRequest) -> None:
    if "curl:" in shown and not shutil.which("curl"):
        pytest.skip("curl is not installed")
    if "--in" in arguments.split():
        request.getfixturevalue("static_image")
    Path("components").mkdir()
    for name, text in DOCUMENTS.items():
        Path(name).write_text(text)
    Path("examples").symlink_to(REPOSITORY / "examples")
    words = arguments.removesuffix(" > /dev/null")
    command = [sys.executable, "-m", "toe", *words.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    printed = done.stderr + (done.stdout if words == arguments else "")
    assert without_chance(printed) == without_chance(shown)
