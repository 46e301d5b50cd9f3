"""`toe new`: writes a component to start from."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from toe.cli.templates import PLATFORMS, SCHEMA_FILE, component_text
from toe.cli.terminal import printed, say
from toe.errors import ToeError
from toe.system.files.opening import write_all
from toe.system.files.writing import write_new
from toe.system.host import platform_name

#: What Image Builder takes as a component's name, less a leading '-', which is an option everywhere.
NAME = r"[A-Za-z0-9_][A-Za-z0-9_ -]{1,126}[A-Za-z0-9_-]"
NAME_RULE = "3 to 128 letters, digits, '-', '_' and blanks, no '-' at the start, no blank at either end"
#: Names that mean a device on Windows, whatever the extension.
DEVICES = r"(?i)CON|PRN|AUX|NUL|(COM|LPT)[0-9]"


def new(options: Mapping[str, Any]) -> int:
    """Write NAME.yml and print its path. Raises ToeError for a wrong name, and where the file exists already.

    NAME may have its ending already, .yml or .yaml.
    """
    name, ending = _name(options["paths"])
    platform = options["os_platform"] or "linux"
    if platform not in PLATFORMS:
        raise ToeError(f"unknown platform '{platform}'", hint=f"platforms: {', '.join(PLATFORMS)}")
    path = os.path.join(options["directory"] or "", name + ending)
    _create(path, component_text(name, platform))
    code = printed(path + "\n")
    _say_what_is_next(path, platform)
    return code


def _name(names: tuple[str, ...]) -> tuple[str, str]:
    if len(names) != 1:
        raise ToeError("'toe new' takes one name", hint="toe new web-server")
    name, ending = names[0], ".yml"
    if name.lower().endswith((".yml", ".yaml")):
        name, ending = os.path.splitext(name)
    if os.path.basename(name) != name:
        raise ToeError(f"'{name}' is a path and no name", hint="toe new NAME --directory DIR")
    if not re.fullmatch(NAME, name):
        raise ToeError(f"'{name}' is no component name", hint=NAME_RULE)
    if re.fullmatch(DEVICES, name):
        raise ToeError(f"'{name}.yml' is no file name on Windows", hint="take another name")
    return name, ending


def _create(path: str, text: str) -> None:
    try:
        write_new(path, lambda descriptor: write_all(descriptor, text.encode()))
    except FileExistsError as error:
        raise ToeError(f"'{path}' exists already", hint="take another name, or remove it first") from error
    except OSError as error:
        from toe.system.files.path_faults import told

        raise ToeError(f"cannot write '{path}': {told(error, path)}") from error


def _say_what_is_next(path: str, platform: str) -> None:
    import shlex

    file = shlex.quote(path)
    schema = shlex.quote(os.path.join(os.path.dirname(path), SCHEMA_FILE))
    say("next:")
    say(f"  toe validate --profile imagebuilder --os-platforms {platform} {file}")
    if platform == platform_name():
        say(f"  toe run {file}")
    say(f"  toe schema > {schema}    # for completion in an editor")
