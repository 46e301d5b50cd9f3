"""A file downloaded to its place: in several attempts, resumed, verified, and only then put there."""

from __future__ import annotations

from toe.system.files.checksums import Checksum
from toe.system.files.opening import explained
from toe.system.files.writing import staged
from toe.system.http.address import Address
from toe.system.http.attempts import attempted
from toe.system.http.exchange import answer_to
from toe.system.http.partial_file import PartialFile
from toe.system.http.terms import HttpError, Terms


def download(
    address: Address, destination: str, terms: Terms, *, checksum: Checksum | None = None, overwrite: bool = True
) -> int:
    """Download a file and return its size in bytes. toe.system.files.writing says how it gets to its place.

    Raises HttpError, and ActionError for what the file system refuses; the destination is then as it was.
    """
    with explained("write", destination), staged(destination, overwrite=overwrite) as descriptor:
        part = PartialFile(descriptor, checksum.algorithm if checksum else "")
        attempted(address, terms, lambda: _receive(address, part, terms))
        if checksum and not checksum.is_met_by(part.checksum) and checksum.is_met_by(part.checksum_as_sent):
            # an archive that a server calls packed by its ending: what is meant is the archive
            terms.log(
                "The checksum is that of the file as it is sent, packed by gzip: downloading it once more as it is"
            )
            part.as_sent = True
            part.start_over()
            attempted(address, terms, lambda: _receive(address, part, terms))
        if checksum and not checksum.is_met_by(part.checksum):
            raise HttpError(
                f"cannot download '{address.shown}': it is not the expected file: "
                f"its {checksum.algorithm.upper()} is '{part.checksum}', not '{checksum.digits}'"
            )
    return part.size


def _receive(address: Address, part: PartialFile, terms: Terms) -> None:
    """One attempt at the file, or at the rest of it."""
    with answer_to(address, part.headers(), terms) as answer:
        if answer.status == 416:
            part.start_over()
            raise HttpError("the server has no such rest of the file", transient=True)
        if answer.status not in (200, 206):
            raise answer.refusal()
        part.begin(answer)
        try:
            for block in answer.blocks():
                part.add(block)
                terms.progress(part.received, part.total)
            part.finish()
        except HttpError as error:
            raise error.saying(f"{error.message}, after {part.amount}") from error
