"""The options that `toe run --hosts` alone has, from words to what Ansible takes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from toe.errors import ToeError
from toe.results import Status

#: What came of the hosts, in the log directory: for `--retry`.
RESULTS_FILE = "toe-hosts.json"


def inventory_of(text: str) -> str:
    """The inventory by its whole path, or names with commas. Raises ToeError."""
    if "," not in text and not os.path.exists(text):
        raise ToeError(f"there is no inventory '{text}'", hint="a file or folder of Ansible's form, or names: h1,h2")
    return os.path.abspath(text) if os.path.exists(text) else text


def number_of(values: Mapping[str, Any], name: str, unit: str = "") -> str:
    """A number of hosts, with a `unit` perhaps; "" where none is given. Raises ToeError."""
    text: str = values[name] or ""
    digits = text.removesuffix(unit) if unit else text
    if text and not (digits.isdecimal() and int(digits) > 0):
        raise ToeError(f"--{name} is a number{' or a percentage' if unit else ''} of hosts, not '{text}'")
    return text


def password_file_of(values: Mapping[str, Any]) -> str:
    """The file with sudo's password by its whole path, "" for none. Raises ToeError where others could read it."""
    path: str = values["become_password_file"] or ""
    if not path:
        return ""
    if not values["become"]:
        raise ToeError("--become-password-file belongs to --become")
    try:
        is_open = bool(os.stat(path).st_mode & 0o077)
    except OSError as error:
        raise ToeError(f"cannot read the password file '{path}': {error.strerror}") from error
    if is_open:
        raise ToeError(f"others can read the password file '{path}'", hint=f"chmod 600 {path}")
    return os.path.abspath(path)


def limit_of(values: Mapping[str, Any], logs: str) -> str:
    """The hosts, one a line, or Ansible's pattern; "" for all. `logs` is the log directory. Raises ToeError."""
    if not values["retry"]:
        return values["limit"] or ""
    if values["limit"]:
        raise ToeError("--retry and --limit exclude each other", hint="--retry takes the hosts that failed last time")
    path = os.path.join(logs, RESULTS_FILE)
    try:
        with open(path, encoding="utf-8") as file:
            hosts = json.load(file)["hosts"]
        failed = [name for name, summary in hosts.items() if summary["status"] != Status.SUCCESS.value]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ToeError(
            f"cannot read '{path}', which says what failed last time", hint="give --log-directory"
        ) from error
    if not failed:
        raise ToeError("no host failed last time", hint=f"so says '{path}'")
    return "".join(f"{name}\n" for name in failed)
