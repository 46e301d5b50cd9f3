"""boto3 clients, made when they are needed, and the errors of AWS in one line. The only place that imports boto3.

boto3 finds credentials, endpoints (`AWS_ENDPOINT_URL*`) and proxies by itself, from the environment of this process.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, TypeVar

from toe.errors import Check, ToeError, go_on
from toe.waiting import GaveUpError, waited_for
from toe.words import counted

T = TypeVar("T")

INSTALL_HINT = "pip install 'toe-executor[aws]'"
CONNECT_TIMEOUT_SECONDS = 10
READ_TIMEOUT_SECONDS = 60
ATTEMPTS = 5
#: For one answer, with all its attempts, redirects and credentials: a timeout starts anew with each byte that comes.
ANSWER_SECONDS = 120.0
#: For how long logs that go elsewhere wait for credentials.
CREDENTIALS_SECONDS = 60
_LOOK_SECONDS = 1.0


class AwsError(ToeError):
    """Something that AWS refused, or that could not be asked: the message names what was wanted, and the cause."""


def aws_client(service: str, *, region: str | None = None, endpoint: str | None = None, **settings: Any) -> Any:
    """A boto3 client for `service` ("s3", "ssm"). `settings` go to botocore's Config, over the ones used here.

    Without `region` it is AWS_REGION, which boto3 itself does not read, then what boto3 finds. `endpoint` is a URL.

    Raises AwsError without boto3, without a region where the service needs one, and for a broken configuration.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
        from botocore.session import get_session
    except ImportError as error:
        raise AwsError(f"'{service}' of AWS needs toe[aws]", hint=INSTALL_HINT) from error
    usual = {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "read_timeout": READ_TIMEOUT_SECONDS,
        "retries": {"mode": "standard", "max_attempts": ATTEMPTS},
    }
    region = region or os.environ.get("AWS_REGION") or None
    try:
        found = get_session()
        found.register_component("data_loader", _loader())
        # Off EC2 nobody answers: without this, version 1 of the metadata service is waited for as well.
        found.set_config_variable("ec2_metadata_v1_disabled", True)
        session = boto3.session.Session(region_name=region, botocore_session=found)
        return session.client(service, endpoint_url=endpoint, config=Config(**{**usual, **settings}))
    except (BotoCoreError, ValueError) as error:
        raise AwsError(f"cannot use {service} of AWS: {cause_of(error)}", hint=_hint_of(error)) from error


def answered(what: str, ask: Callable[[], T], check: Check = go_on) -> T:
    """What `ask` gets from AWS. `check` is called all the time and raises to stop; what `ask` raises is raised.

    Raises AwsError, which begins with `what` ("cannot read this or that"), when nothing has come in ANSWER_SECONDS.
    """
    try:
        return waited_for(ask, check, ANSWER_SECONDS)
    except GaveUpError as error:
        raise AwsError(f"{what}: no answer within {counted(ANSWER_SECONDS, 'second')}") from error


@cache
def _loader() -> Any:
    """boto3's descriptions of endpoints and services, read once; credentials are looked for by each client."""
    from botocore.loaders import create_loader

    return create_loader()


@contextmanager
def aws_faults(what: str) -> Iterator[None]:
    """Turn what boto3 raises inside into an AwsError: `what` ("cannot read 's3://bucket/key'"), then the cause."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise AwsError(f"{what}: {cause_of(error)}", hint=_hint_of(error)) from error


def error_code(error: BaseException) -> str:
    """The code that a service answered ("NoSuchKey", "403"), "" for an error of another kind."""
    response = getattr(error, "response", None)
    found = response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""
    return str(found)


def cause_of(error: BaseException) -> str:
    """The cause in one line: the service's code and message, else what the error says of itself."""
    code = error_code(error)
    if type(error).__name__ == "MetadataRetrievalError":
        return "there are no credentials, and no instance metadata service gives any"
    if code:
        message = str(getattr(error, "response", {})["Error"].get("Message", "")).strip()
        return f"{code}: {' '.join(message.split())}" if message else code
    return " ".join(str(error).split()) or type(error).__name__


def _hint_of(error: BaseException) -> str:
    name, code = type(error).__name__, error_code(error)
    if name in ("NoCredentialsError", "PartialCredentialsError", "MetadataRetrievalError"):
        return "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use an instance role"
    if name == "NoRegionError":
        return "set AWS_REGION"
    if code in ("ExpiredToken", "ExpiredTokenException", "RequestExpired"):
        return "the credentials have expired: renew them"
    return ""


def await_credentials(
    what: str,
    limit_seconds: float,
    pause: Callable[[float], None],
    say: Callable[[str], None],
) -> None:
    """Return when there are credentials: those of an instance role come some time after the boot.

    `pause` waits between two looks; `say` gets one line if there is a wait.

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
    with aws_faults(what):
        try:
            found = Session().get_credentials()
        except CredentialRetrievalError as error:
            return cause_of(error)
    return "" if found is not None else str(NoCredentialsError())
