"""`toe plan`, and `toe run --dry-run`: what would run here. Writes nothing, and fetches only what it is told to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from toe.cli.options.running import EVENTS, OTEL
from toe.cli.options.shared import HTML, JUNIT_XML, SUMMARY
from toe.cli.order import order_of, with_options
from toe.cli.summary import tell_nothing_was_run
from toe.cli.terminal import printed, say
from toe.document.source import is_remote
from toe.errors import ToeError
from toe.plan.json_plan import json_plan
from toe.plan.make import make_plan
from toe.plan.model import Plan
from toe.plan.text import plan_text
from toe.secrets.masker import LogSecrets
from toe.session.hidden_values import errors_without, named_secrets
from toe.session.order import OF_ITS_ID, Order
from toe.session.prepare import prepare
from toe.sinks.masking import Masking
from toe.system.host import is_root, platform_name

FORMATS = {"text": plan_text, "json": json_plan}


def plan(values: Mapping[str, Any]) -> int:
    """Carry out `toe plan` with the values of its options (toe.cli.options) and return the exit code."""
    form = values["format"] or "text"
    try:
        refuse_reports(values)
        if form not in FORMATS:
            raise ToeError(f"unknown format '{form}'", hint=f"formats: {', '.join(FORMATS)}")
        if values["config"] and is_remote(values["config"]) and not values["fetch"]:
            raise ToeError(
                f"{values['config']}: not fetched: a plan stays on this machine", hint="--fetch lets it fetch"
            )
        order = order_of(values)
        if "reboot" in values:
            with_options(order)  # of `toe run`: what it would refuse is refused
        made = planned(order, fetches=bool(values["fetch"]))
    except ToeError as error:
        tell_nothing_was_run(error)
        return error.exit_code
    return printed(FORMATS[form](made))


def refuse_reports(values: Mapping[str, Any]) -> None:
    """Raises ToeError for what `--dry-run` would leave unwritten without a word: it makes no run to report."""
    for option in (SUMMARY, EVENTS, OTEL, HTML, JUNIT_XML):
        if values.get(option.key):
            raise ToeError(
                f"--{option.name} belongs to a run, and --dry-run makes none",
                hint="the plan goes to stdout; 'toe plan --format json' prints it for programs",
            )


def planned(order: Order, *, fetches: bool) -> Plan:
    """The plan of what is asked for, without secrets; warnings are told on stderr. Raises ToeError."""
    platform = platform_name()
    secrets = named_secrets(order.mask, os.environ, platform)
    with errors_without(secrets):
        prepared = prepare(order, secrets, fetches=fetches)
        for warning in prepared.warnings:
            say(f"toe: warning: {warning}")
        has_id = order.takes_up == OF_ITS_ID
        made = make_plan(prepared, os.environ, platform, is_root=is_root(), has_id=has_id)
    return Masking(LogSecrets(secrets, has_credentials=True)).masked(made)
