"""The walk of a distribution: every target gets the image first, and only when all have it is it announced anywhere.

A target that fails leaves the others as they are: what they have stays, under no name that people use, and the next run
sends what is missing. Whenever it is cut off, names mean whole images: the old ones, or the new one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from toe.errors import ToeError
from toe.images.distribution.ledger import Ledger
from toe.images.distribution.model import Parameter, Plan, Target
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation

#: What became of a target.
ANNOUNCED, SENT, FAILED = "announced", "sent", "failed"


class Sender(Protocol):
    """Brings the image to targets of one kind. All methods raise ToeError, and Interrupted when that is asked for."""

    def has(self, target: Target) -> bool:
        """Whether the target has the whole image, named or not."""

    def send(self, target: Target) -> str:
        """Have the target have the whole image, under no name that means the newest; returns its digest there."""

    def announce(self, target: Target) -> str:
        """Have the target's names mean the image that it has; returns the address of the image."""


class Telling:
    """Is told of a distribution as it goes on. Does nothing by itself."""

    def sending(self, target: Target) -> None:
        """A target gets the image."""

    def there(self, target: Target) -> None:
        """A target has had the image already."""

    def announced(self, target: Target, address: str) -> None:
        """The names of a target mean the image."""

    def failed(self, what: str, message: str) -> None:
        """A target or a parameter has failed."""


class Outcome(NamedTuple):
    """What became of a target: `state` is ANNOUNCED, SENT (the target has it, and no name means it) or FAILED."""

    target: Target
    state: str
    address: str = ""
    message: str = ""


class Distributed(NamedTuple):
    """What became of a distribution. `parameters` are the values that were set, by `REGION NAME`."""

    outcomes: tuple[Outcome, ...]
    parameters: Mapping[str, str] = MappingProxyType({})
    failures: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether all targets have the image, and all names mean it."""
        return not self.failures


class SetParameter(Protocol):
    """Sets a parameter of Systems Manager. Raises ToeError."""

    def __call__(self, parameter: Parameter, value: str) -> None:
        """Have the parameter have a value."""


def send_all(
    plan: Plan,
    senders: Mapping[str, Sender],
    set_parameter: SetParameter,
    ledger: Ledger,
    cancellation: Cancellation,
    telling: Telling,
) -> Distributed:
    """Send the image to all targets, then announce it. `senders` are by the kind of targets. Raises Interrupted."""
    failed: dict[Target, str] = {}
    for target in plan.targets:
        cancellation.check()
        try:
            _sent(target, senders[target.kind], ledger, telling)
        except ToeError as error:
            failed[target] = error.in_one_line
            telling.failed(target.described, error.in_one_line)
    if failed:
        return _result(plan.targets, failed, {}, {}, ())
    addresses: dict[Target, str] = {}
    for target in plan.targets:
        cancellation.check()
        try:
            addresses[target] = senders[target.kind].announce(target)
            ledger.note_announced(target, addresses[target])
            telling.announced(target, addresses[target])
        except ToeError as error:
            failed[target] = error.in_one_line
            telling.failed(target.described, error.in_one_line)
    values, refused = _parameters(plan, addresses, set_parameter, telling) if not failed else ({}, [])
    ledger.note_plan(plan, values)
    return _result(plan.targets, failed, addresses, values, refused)


def _sent(target: Target, sender: Sender, ledger: Ledger, telling: Telling) -> None:
    if sender.has(target):
        telling.there(target)
        return
    telling.sending(target)
    ledger.note_sent(target, sender.send(target))


def _parameters(
    plan: Plan, addresses: Mapping[Target, str], set_parameter: SetParameter, telling: Telling
) -> tuple[dict[str, str], list[str]]:
    """The values of the parameters, and what failed: a parameter gets the first address of its region."""
    values: dict[str, str] = {}
    refused: list[str] = []
    for parameter in plan.parameters:
        value = next(address for target, address in addresses.items() if parameter.region in target.regions)
        try:
            set_parameter(parameter, value)
            values[f"{parameter.region} {parameter.name}"] = value
        except ToeError as error:
            refused.append(f"parameter {parameter.name} in {parameter.region}: {error.in_one_line}")
            telling.failed(f"parameter {parameter.name}", error.in_one_line)
    return values, refused


def _result(
    targets: Sequence[Target],
    failed: Mapping[Target, str],
    addresses: Mapping[Target, str],
    values: Mapping[str, str],
    refused: Sequence[str],
) -> Distributed:
    outcomes = tuple(
        Outcome(target, FAILED, message=failed[target])
        if target in failed
        else Outcome(target, ANNOUNCED if target in addresses else SENT, addresses.get(target, ""))
        for target in targets
    )
    failures = (*(f"{one.target.described}: {one.message}" for one in outcomes if one.state == FAILED), *refused)
    return Distributed(outcomes, values, failures)
