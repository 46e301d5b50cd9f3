"""The log folder copied to S3 when a run has ended or the machine is about to be rebooted. Not while it is written.

The files have been through the fan-out: what is hidden or masked there is in no copy either.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator

from toe.aws.clients import CREDENTIALS_SECONDS, AwsError, await_credentials
from toe.aws.s3_bucket import Bucket, TransferStopped, is_hopeless, parts_of
from toe.records import NamedTuple
from toe.waiting import GaveUpError, waited_for
from toe.words import counted

#: How long S3 may take besides the time that the bytes need at the slowest pace; once there are credentials.
ANSWER_SECONDS = 30
SLOWEST_BYTES_A_SECOND = 128 << 10
#: So that there is time for another attempt.
_CLIENT_SETTINGS = {"connect_timeout": 5, "read_timeout": 12}
_NAMED = 3


class LogBucket(NamedTuple):
    """Where log folders go: `prefix`/TOE_.../ in `bucket`, which the account `owner` must own if one is given."""

    bucket: str
    prefix: str = ""
    owner: str = ""

    def url(self, folder: str) -> str:
        """The `s3://` address of a log folder, without a slash at the end."""
        return f"s3://{self.bucket}/{self.key(folder)}"

    def key(self, folder: str) -> str:
        """The key that the keys of the folder's files begin with."""
        name = os.path.basename(os.path.abspath(folder))
        prefix = self.prefix.strip("/")
        return f"{prefix}/{name}" if prefix else name


def upload_folder(
    folder: str,
    target: LogBucket,
    limit: Callable[[], float],
    say: Callable[[str], None],
    *,
    credentials_seconds: float = CREDENTIALS_SECONDS,
) -> list[str]:
    """Copy all files of a log folder, also nested ones; returns what went wrong, a few files by name, [] for nothing.

    `limit` is asked again and again for the seconds that the whole may take; a server that does not answer, or byte by
    byte, is given up after ANSWER_SECONDS and what the files need at the slowest pace. Links, and hidden files, which
    are not logs, stay behind. Credentials that are not there yet are waited for; `say` gets a line then.
    """
    try:
        upload = _Upload(folder, target, say, credentials_seconds)
    except OSError as error:
        return [f"cannot upload '{folder}' to '{target.url(folder)}': {error.strerror or error}"]
    started = time.monotonic()
    gave_up = ""

    def in_time() -> None:
        if time.monotonic() - started >= limit() or time.monotonic() >= upload.until:
            raise GaveUpError

    try:
        waited_for(upload.run, in_time)
    except GaveUpError:
        upload.stop.set()
        gave_up = f"{upload.undone}: gave up after {time.monotonic() - started:.1f} s"
    failures = upload.failures[:_NAMED]
    if len(upload.failures) > _NAMED:
        failures.append(
            f"cannot upload {counted(len(upload.failures) - _NAMED, 'more file')} to '{target.url(folder)}'"
        )
    return [*failures, gave_up] if gave_up else failures


class _Upload:
    """Runs in a thread; `failures`, `left`, the files that are not done, and `until`, the `time.monotonic()` at which
    to give up, are read meanwhile.
    """

    def __init__(self, folder: str, target: LogBucket, say: Callable[[str], None], credentials_seconds: float) -> None:
        self._folder = folder
        self._target = target
        self._say = say
        self._credentials_seconds = credentials_seconds
        self._key = target.key(folder)
        self.stop = threading.Event()
        self.failures: list[str] = []
        self.left = sorted(_files(folder))
        self.until = time.monotonic() + credentials_seconds + ANSWER_SECONDS

    def run(self) -> None:
        try:
            await_credentials(self.undone, self._credentials_seconds, self._pause, self._say)
            self.until = time.monotonic() + ANSWER_SECONDS + _size(self._folder, self.left) / SLOWEST_BYTES_A_SECOND
            self._upload_all()
        except TransferStopped:
            pass
        except AwsError as error:
            self.failures.append(error.in_one_line)
        except Exception as error:  # whatever it is: the logs are there, and the run's verdict stands
            self.failures.append(f"{self.undone}: {type(error).__name__}: {error}")

    @property
    def undone(self) -> str:
        """The beginning of a message about all files that are left."""
        return f"cannot upload {_listed(list(self.left))} to '{self._target.url(self._folder)}'"

    def _pause(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise TransferStopped

    def _upload_all(self) -> None:
        bucket = Bucket(self._target.bucket, self._target.owner or None, connections=1, **_CLIENT_SETTINGS)
        while self.left and not self.stop.is_set():
            path = os.path.join(self._folder, self.left[0])
            try:
                self._upload(bucket, path, f"{self._key}/{self.left[0].replace(os.sep, '/')}")
            except AwsError as error:
                others = self.left[1:]
                if is_hopeless(error) and others:
                    raise AwsError(f"{error.message}; not tried: {_listed(others)}", hint=error.hint) from error
                self.failures.append(error.message)
            except OSError as error:
                self.failures.append(f"cannot upload '{path}': {error.strerror or error}")
            self.left.pop(0)

    def _upload(self, bucket: Bucket, path: str, key: str) -> None:
        content_type = "application/json" if path.endswith(".json") else "text/plain; charset=utf-8"
        with open(path, "rb") as file:
            parts = parts_of(os.fstat(file.fileno()).st_size)
            if len(parts) == 1:
                bucket.put(key, file.read(), content_type)
                return
            upload = bucket.begin_upload(key, content_type)
            try:
                done = []
                for number, part in enumerate(parts, start=1):
                    self._pause(0)
                    done.append(bucket.put_part(key, upload, number, file.read(part.length)))
                bucket.end_upload(key, upload, done)
            except BaseException:
                with contextlib.suppress(AwsError):
                    bucket.drop_upload(key, upload)
                raise


def _files(folder: str, below: str = "") -> Iterator[str]:
    """The regular files, relative to the folder: opening anything else could wait for ever or lead out of it."""
    with os.scandir(os.path.join(folder, below)) as entries:
        for entry in entries:
            name = os.path.join(below, entry.name)
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _files(folder, name)
            elif entry.is_file(follow_symlinks=False):
                yield name


def _size(folder: str, names: list[str]) -> int:
    """The bytes of files, as far as they are there."""
    total = 0
    for name in names:
        with contextlib.suppress(OSError):
            total += os.stat(os.path.join(folder, name)).st_size
    return total


def _listed(names: list[str]) -> str:
    """`'a', 'b', 'c' and 4 more`."""
    shown = ", ".join(f"'{name}'" for name in names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown
