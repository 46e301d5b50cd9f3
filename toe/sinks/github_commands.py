"""The workflow commands that GitHub Actions takes from a step's output: how they are written. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from toe.sinks.safe_text import lines


def command(name: str, properties: Mapping[str, object], message: str) -> str:
    """`::error file=a.yml,line=3::message` and a newline; whatever is in the texts stays in its place."""
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name}{' ' if listed else ''}{listed}::{_data(message)}\n"


def _data(text: str) -> str:
    return lines(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
