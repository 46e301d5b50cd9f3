"""What a check is told beside the document."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from toe.document.source import find_nested, read_document
from toe.model import ParameterValue, StepName
from toe.quick_typing import TYPE_CHECKING
from toe.records import NamedTuple

if TYPE_CHECKING:
    from toe.expressions.parse import StepRef


def read_local(path: str, caller: str, bucket_owner: str) -> bytes:
    """The bytes of a nested document: from the working directory, else from the calling document's folder.

    Raises DocumentError.
    """
    return read_document(find_nested(path, caller))


class Part(NamedTuple):
    """A part of a document: the steps that run, and what is known of the others.

    `fault` says why a reference to one of these has no value, and what to do; None where it has one.
    """

    steps: frozenset[StepName]
    fault: Callable[[StepRef], tuple[str, str] | None]


class CheckOptions(NamedTuple):
    """What a check is told beside the document.

    `platforms` empty: all are fine. `phases` are those selected, empty for all; `part` says more where not all of their
    steps run. `given_parameters` None: the document is validated and not run, and a required parameter is information.
    `taken_names` are names on the command line that were taken for a part of a value, as no document declares them.
    `read_nested(path, caller, owner)` reads a nested document, from a bucket of that account if it is in one, and
    raises DocumentError where it cannot. `follow_addresses`: it may be asked for addresses too; else they are only
    looked at. `lint`: report what is legal but unwise as well. `profile` "imagebuilder": the rules of EC2 Image Builder
    hold too. `has_program`: the document is to run on this machine, and whether that has a program.
    `template_parameters` are for recipes: values of a template's parameters; None where none are given.
    """

    platforms: tuple[str, ...] = ()
    blocked: frozenset[str] = frozenset()
    phases: tuple[str, ...] = ()
    part: Part | None = None
    given_parameters: Mapping[str, ParameterValue] | None = None
    taken_names: tuple[str, ...] = ()
    read_nested: Callable[[str, str, str], bytes] = read_local
    follow_addresses: bool = False
    lint: bool = False
    profile: str = ""
    has_program: Callable[[str], bool] | None = None
    template_parameters: Mapping[str, str] | None = None
