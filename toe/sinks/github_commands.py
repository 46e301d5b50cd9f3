"""The workflow commands that GitHub Actions takes from a step's output: how they, and paths in them, are written."""

from __future__ import annotations

import os
from collections.abc import Mapping

from toe.sinks.safe_text import lines


def command(name: str, properties: Mapping[str, object], message: str) -> str:
    """`::error file=a.yml,line=3::message` and a newline; whatever is in the texts stays in its place."""
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name}{' ' if listed else ''}{listed}::{_data(message)}\n"


def path_in(workspace: str, path: str) -> str:
    """The path of a file as the repository has it; "" for addresses, standard input, and what lies elsewhere.

    `workspace` is the checkout's folder, GITHUB_WORKSPACE; where it is "" the working directory counts as that.
    """
    if not os.path.isfile(path):
        return ""
    try:
        relative = os.path.relpath(os.path.realpath(path), os.path.realpath(workspace or os.curdir))
    except ValueError:  # on another drive
        return ""
    relative = relative.replace(os.sep, "/")
    return "" if relative.startswith("../") else relative


def _data(text: str) -> str:
    return lines(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
