"""`toe init`: a repository of components gets a hook for pre-commit, a workflow for GitHub and a first component."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import yaml

from toe.cli.templates import component_text
from toe.cli.terminal import printed, say
from toe.errors import ActionError, ToeError
from toe.system.files.opening import write_all
from toe.system.files.path_faults import told
from toe.system.files.writing import write_new, write_over
from toe.version import __version__

HOOKS = ".pre-commit-config.yaml"
WORKFLOW = os.path.join(".github", "workflows", "components.yml")
COMPONENT = os.path.join("components", "example.yml")
HOOK_ID = "toe-validate"
#: `local`, so that the hook needs no address of a repository: pre-commit installs the package by itself.
HOOK = f"""\
- repo: local
  hooks:
    - id: {HOOK_ID}
      name: validate EC2 Image Builder components
      entry: toe validate --skip-other-yaml
      language: python
      additional_dependencies: [toe-executor=={__version__}]
      types: [yaml]
      require_serial: true
"""
WORKFLOW_TEXT = f"""\
name: components
on: [push, pull_request]
permissions:
  contents: read
jobs:
  components:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install toe-executor=={__version__}
      - run: toe validate components/ --format github
      # Its phases build, validate and test, on this throw-away machine:
      - run: toe run components/example.yml
"""


def init(options: Mapping[str, Any]) -> int:
    """Write what is not there yet, print the paths, and name what is there. Raises ToeError where writing fails."""
    if len(options["paths"]) > 1:
        raise ToeError("'toe init' takes one folder", hint="toe init DIR")
    folder = options["paths"][0] if options["paths"] else ""
    if options["paths"] and not folder.strip():
        raise ToeError("the folder has no name", hint="toe init DIR; without DIR it is the current one")
    written = []
    for name, text in (
        (HOOKS, f"repos:\n{_indented(HOOK, 2)}"),
        (WORKFLOW, WORKFLOW_TEXT),
        (COMPONENT, component_text("example", "linux")),
    ):
        path = os.path.join(folder, name)
        try:
            write_new(path, partial(_fill, text))
            written.append(path)
        except FileExistsError:
            if name == HOOKS and os.path.isfile(path):
                written += _add_hook(path)
            else:
                say(f"toe: '{path}' exists already: left as it is")
        except OSError as error:
            raise ToeError(f"cannot write '{path}': {told(error, path)}") from error
    code = printed("".join(f"{path}\n" for path in written))
    say(f"next:\n  pre-commit install\n  toe validate {os.path.join(folder, 'components')}")
    return code


def _fill(text: str, descriptor: int) -> None:
    write_all(descriptor, text.encode())


def _add_hook(path: str) -> list[str]:
    """Add the hook to a configuration that is there; its path when that was done."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
        if re.search(rf"\bid:\s*['\"]?{HOOK_ID}\b", text):
            say(f"toe: '{path}' has the hook already: left as it is")
            return []
        added = with_hook(text)
        if added is None:
            say(f"toe: '{path}' is left as it is: add this to its 'repos':\n{HOOK}".rstrip("\n"))
            return []
        write_over(path, lambda descriptor: write_all(descriptor, added.encode()))
    except UnicodeDecodeError as error:
        raise ToeError(f"cannot read '{path}': it is no UTF-8 text") from error
    except (OSError, ActionError) as error:
        raise ToeError(f"cannot add to '{path}': {told(error, path)}") from error
    return [path]


def with_hook(text: str) -> str | None:
    """A configuration of pre-commit with the hook as the last of its repositories; None where that is not certain.

    The text is added to, so that comments and order stay; the result is read again to see that it says just that.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    first = next((number for number, line in enumerate(lines) if re.match(r"repos:\s*(#.*)?$", line)), None)
    items = [re.match(r"( *)- ", line) for line in lines[first + 1 :]] if first is not None else []
    indents = [len(item[1]) for item in items if item]
    if first is None or not indents:
        return None
    after = first + 1
    for number in range(first + 1, len(lines)):
        if re.match(r"[^\s#-]", lines[number]):
            break
        if lines[number].strip() and not lines[number].startswith("#"):
            after = number + 1
    if not lines[after - 1].endswith(("\n", "\r")):
        lines[after - 1] += end
    hook = _indented(HOOK, indents[0]).replace("\n", end)
    result = "".join([*lines[:after], hook, *lines[after:]])
    try:
        before, now = yaml.safe_load(text), yaml.safe_load(result)
    except yaml.YAMLError:
        return None
    wanted = {**before, "repos": [*before["repos"], *yaml.safe_load(HOOK)]}
    return result if now == wanted else None


def _indented(text: str, columns: int) -> str:
    return "".join(f"{' ' * columns}{line}" for line in text.splitlines(keepends=True))
