"""What expressions ask of AWS: an interface, and the answer where AWS support is not installed."""

from __future__ import annotations

from typing import NoReturn, Protocol

from toe.errors import ActionError


class RemoteValues(Protocol):
    """The values that do not come from this machine. Each method raises ActionError when it has no answer."""

    def ssm(self, path: str) -> str | tuple[str, ...]:
        """The decrypted SSM parameter at `path`; a StringList is a tuple."""

    def imds(self, path: str) -> str:
        """The instance metadata at `path` below `meta-data/`."""

    def account_id(self) -> str:
        """The AWS account's number."""

    def region(self) -> str:
        """The AWS region's name."""


class NoRemote:
    """Refuses every value from AWS."""

    def ssm(self, path: str) -> str | tuple[str, ...]:
        _refuse(f"aws:ssm:{path}")

    def imds(self, path: str) -> str:
        _refuse(f"aws:imds:{path}")

    def account_id(self) -> str:
        _refuse("context:accountId")

    def region(self) -> str:
        _refuse("context:region")


def _refuse(what: str) -> NoReturn:
    raise ActionError(f"'{what}' needs toe[aws]: not available until AWS support is installed")
