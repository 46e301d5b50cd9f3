"""Waiting for AWS credentials: those of an instance role come some time after the boot."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from toe.aws.clients import AwsError, cause_of, explained

#: For how long logs that go elsewhere wait for credentials.
CREDENTIALS_SECONDS = 60
_LOOK_SECONDS = 1.0


def await_credentials(
    what: str,
    limit_seconds: float,
    pause: Callable[[float], None],
    say: Callable[[str], None],
) -> None:
    """Return when there are credentials. `pause` waits between two looks; `say` gets one line if there is a wait.

    Raises AwsError, which begins with `what` ("cannot do this or that"), when none have come after `limit_seconds`, or
    where waiting would not help.
    """
    started = time.monotonic()
    has_said = False
    while reason := _missing(what):
        if time.monotonic() - started >= limit_seconds:
            raise AwsError(
                f"{what}: no AWS credentials within {limit_seconds:.0f} s: {reason}",
                hint="set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use an instance role",
            )
        if not has_said:
            has_said = True
            with suppress(Exception):  # a closed terminal is no reason to stop
                say(f"waiting for AWS credentials, {limit_seconds:.0f} s at most: {reason}")
        pause(_LOOK_SECONDS)


def _missing(what: str) -> str:
    """Why there are none, "" when there are. Looks where boto3 looks, afresh; the metadata service has one second."""
    try:
        from botocore.exceptions import CredentialRetrievalError, NoCredentialsError
        from botocore.session import Session
    except ImportError:
        return ""  # making a client says what to install
    with explained(what):
        try:
            found = Session().get_credentials()
        except CredentialRetrievalError as error:
            return cause_of(error)
    return "" if found is not None else str(NoCredentialsError())
