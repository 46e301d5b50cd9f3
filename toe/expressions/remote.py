"""What expressions ask of AWS: an interface, and the answer where AWS support is not installed."""

from __future__ import annotations

from typing import NoReturn, Protocol

from toe.errors import ActionError, Check, go_on
from toe.model import ParameterValue


class RemoteValues(Protocol):
    """The values that do not come from this machine.

    Each method raises ActionError when it has no answer, and what `check`, called while it waits, raises.
    """

    def ssm(self, path: str, check: Check = go_on) -> ParameterValue:
        """The decrypted SSM parameter at `path`; a StringList is a tuple."""

    def imds(self, path: str, check: Check = go_on) -> str:
        """The instance metadata at `path` below `meta-data/`."""

    def account_id(self, check: Check = go_on) -> str:
        """The AWS account's number."""

    def region(self, check: Check = go_on) -> str:
        """The AWS region's name."""


class NoRemote:
    """Refuses every value from AWS."""

    def ssm(self, path: str, check: Check = go_on) -> ParameterValue:
        _refuse(f"aws:ssm:{path}")

    def imds(self, path: str, check: Check = go_on) -> str:
        _refuse(f"aws:imds:{path}")

    def account_id(self, check: Check = go_on) -> str:
        _refuse("context:accountId")

    def region(self, check: Check = go_on) -> str:
        _refuse("context:region")


def _refuse(what: str) -> NoReturn:
    raise ActionError(f"'{what}' needs toe[aws]: not available until AWS support is installed")
