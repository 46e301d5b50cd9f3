"""The options of `toe run` that send logs elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from toe.errors import ToeError

if TYPE_CHECKING:
    from toe.sinks.remote_logs import RemoteLogOptions

#: option -> the options that mean nothing without it.
_DEPENDENT = {
    "cw_log_group": ("cw_log_stream", "cw_log_region"),
    "log_s3_bucket_name": ("log_s3_bucket_owner", "log_s3_key_prefix"),
}


def remote_log_options(options: Mapping[str, Any]) -> tuple[RemoteLogOptions | None, list[str]]:
    """Where the logs go besides the log folder, None for nowhere, and warnings. Raises ToeError without boto3."""
    warnings = [
        f"--{_shown(name)} has no effect without --{_shown(main)}"
        for main, names in _DEPENDENT.items()
        for name in names
        if options[name] and not options[main]
    ]
    wanted = [main for main in _DEPENDENT if options[main]]
    if not wanted:
        return None, warnings
    _require_boto3(wanted[0])
    from toe.aws.log_stream import LogTarget
    from toe.sinks.remote_logs import RemoteLogOptions
    from toe.sinks.s3_logs import LogBucket

    target = bucket = None
    if options["cw_log_group"]:
        target = LogTarget(options["cw_log_group"], options["cw_log_stream"] or "", options["cw_log_region"] or "")
    if options["log_s3_bucket_name"]:
        owner = options["log_s3_bucket_owner"] or ""
        bucket = LogBucket(options["log_s3_bucket_name"], options["log_s3_key_prefix"] or "", owner)
    return RemoteLogOptions(target, bool(options["cw_ignore_failures"]), bucket), warnings


def _require_boto3(option: str) -> None:
    """Said before anything runs: an upload comes at the end."""
    from importlib.util import find_spec

    if find_spec("boto3") is None:
        from toe.aws.clients import INSTALL_HINT

        raise ToeError(f"--{_shown(option)} needs toe[aws]", hint=INSTALL_HINT)


def _shown(name: str) -> str:
    return name.replace("_", "-")
