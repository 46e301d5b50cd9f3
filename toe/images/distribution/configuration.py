"""The distribution configuration of a file, in any form of recipes."""

from __future__ import annotations

from collections.abc import Mapping

from toe.document.source import read_document
from toe.document.suggest import did_you_mean
from toe.errors import Severity, ToeError, first_of
from toe.images.model import Resource
from toe.images.recipes.check import judge_file
from toe.images.recipes.file import open_file

KIND = "distributionConfiguration"


def read_configuration(path: str, *, resource: str = "", parameters: Mapping[str, str] | None = None) -> Resource:
    """The only distribution configuration of a file, or that named `resource` (its label or its name).

    Raises ToeError with the problems of the file, for none and for several.
    """
    file = open_file(read_document(path), path, parameters or {})
    judge_file(file, is_strict=False)
    reading = file.reading()
    errors = tuple(problem for problem in reading.problems if problem.severity is Severity.ERROR)
    if errors:
        raise ToeError(f"the file is not valid: {first_of(errors)}", hint=errors[0].hint, problems=errors)
    there = [one for one in reading.resources if one.kind == KIND]
    labels = [one.label or str(one.fields.get("name", "")) for one in there]
    named = [one for one in there if not resource or resource in (one.label, one.fields.get("name"))]
    if not named:
        missing = f"distribution configuration '{resource}'{did_you_mean(resource, labels)}" if there else ""
        hint = f"there are: {', '.join(labels)}" if there else "it has 'name' and 'distributions', each with a 'region'"
        raise ToeError(f"{path}: there is no {missing or 'distribution configuration in this file'}", hint=hint)
    if len(named) > 1:
        several = f"{path}: there are several distribution configurations in this file: {', '.join(labels)}"
        raise ToeError(several, hint=f"say which: --resource {labels[0]}")
    return named[0]
