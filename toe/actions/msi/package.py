"""Where a package comes from: this machine, Amazon S3 or the web; the latter two into a folder that is removed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from toe.actions.base import Context
from toe.actions.s3 import S3_SCHEME
from toe.errors import ActionError
from toe.system.files.opening import shown

#: The schemes of addresses that a package may have.
SCHEMES = ("s3", "http", "https")
_PRODUCT_CODE = re.compile(r"\{[0-9A-Fa-f-]{36}\}")


def scheme_of(path: str) -> str:
    """The scheme of an address in lower case, "" for a path."""
    return path.partition("://")[0].lower() if "://" in path else ""


@contextmanager
def local_package(path: str, ctx: Context) -> Iterator[str]:
    """The absolute path of the package, for as long as it is needed. Raises ActionError where there is none."""
    scheme = scheme_of(path)
    if not scheme:
        yield _existing(path)
        return
    if scheme not in SCHEMES:
        raise ActionError(f"'{shown(path)}' has the unknown scheme '{scheme}' (use s3://, http:// or https://)")
    with ctx.temporary_directory() as folder:
        yield _from_s3(path, folder, ctx) if scheme == "s3" else _from_web(path, folder, ctx)


def _existing(path: str) -> str:
    if not path:
        raise ActionError("'path' is empty")
    if not os.path.isfile(path):
        if _PRODUCT_CODE.fullmatch(path):
            raise ActionError(f"'{path}' is a product code; 'path' is the package that was installed")
        raise ActionError(f"the package '{shown(path)}' {'is no file' if os.path.lexists(path) else 'does not exist'}")
    return os.path.abspath(path)


def _from_s3(address: str, folder: str, ctx: Context) -> str:
    from toe.actions.s3.keys import last_name
    from toe.actions.s3_download import Inputs, s3_download

    source = S3_SCHEME + address[len(S3_SCHEME) :]  # in any case, as the check takes it
    name = source.rpartition("/")[2]
    if not name or "*" in name:
        raise ActionError(f"'{shown(address)}' names no single object")
    # Not the name itself: on Windows `..\x.msi` and `C:x.msi`, which S3 allows, would leave the folder.
    destination = os.path.join(folder, last_name(name, source, ctx.host.platform))
    s3_download.run(Inputs(source=source, destination=destination), ctx)
    return destination


def _from_web(address: str, folder: str, ctx: Context) -> str:
    from toe.actions.web_download import Inputs, web_download

    found: str = web_download.run(Inputs(source=address, destination=folder + os.sep), ctx).destination
    return found
