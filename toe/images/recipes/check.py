"""All that `toe validate` says of a recipe file: form, rules, the documents in it, components and their parameters."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from toe import codes
from toe.actions import ActionTable
from toe.check.check import check_all, load_document, sort_problems
from toe.check.options import CheckOptions
from toe.document.source import is_remote
from toe.errors import Problem, Severity, ToeError, first_of
from toe.images.in_template import moved_to
from toe.images.library import Library, library_of, resolve
from toe.images.model import ComponentUse, InlineComponent, Reading
from toe.images.names import ARN_PREFIX, parse_reference
from toe.images.recipes.file import RecipeFile, open_file
from toe.images.recipes.found import Found
from toe.images.recipes.judge import judge
from toe.images.recipes.parameters import check_parameters
from toe.images.recipes.problems import Source
from toe.images.recipes.rules import check_rules
from toe.images.recipes.shapes import RECIPE_KINDS
from toe.images.recipes.values import Reference, Unknown
from toe.images.side_file import FILE_NAME, SideFile
from toe.images.side_reader import read_side_file
from toe.model import Document
from toe.nodes import Mapping as MappingNode
from toe.nodes import Node, Scalar, Sequence

IMAGE_BUILDER = "imagebuilder"
#: Bases that no registry has: images of Image Builder, AMIs, names of Systems Manager.
_OF_AWS = re.compile(r"arn:|ami-[0-9a-f]+$|ssm:|resolve:ssm:")


def judge_file(file: RecipeFile, *, is_strict: bool) -> None:
    """Report in the file's findings what the service's model and rules say against its resources."""
    for found in file.found:
        if file.source.findings.full:
            return
        judge(found, file.source)
        check_rules(found, file.source, is_strict=is_strict)


def check_recipes(
    data: bytes, path: str, options: CheckOptions, parameters: Mapping[str, str] | None = None
) -> list[Problem]:
    """Everything that is wrong or open in a recipe file, by line and column. Nothing is fetched.

    `options` are those of `toe validate`: they hold for the component documents in the file too.
    Raises ToeError for a parameter that the file does not have.
    """
    file = open_file(data, path, parameters or {})
    judge_file(file, is_strict=options.profile == IMAGE_BUILDER)
    side, side_problems = side_file_beside(path)
    library = library_of(path, tuple(file.components.values()), side)
    reading = file.reading()
    checked = _Checked(file, options, library)
    for found in file.found:
        if found.kind in RECIPE_KINDS:
            _check_base(found, side, file.source)
    for node, use in uses_in(file, reading):
        checked.use(node, use)
    documents = [problem for found in file.found for problem in checked.document(found)]
    return sort_problems([*file.reading().problems, *documents, *side_problems])


def side_file_beside(path: str) -> tuple[SideFile, list[Problem]]:
    """The toe-images.yml beside a recipe as far as it is right, and what is wrong with it; an empty one for none."""
    beside = os.path.join(os.path.dirname(path), FILE_NAME)
    try:
        with open(beside, "rb") as file:
            return read_side_file(file.read(2**20), beside)
    except (OSError, ValueError):
        return SideFile(), []


def uses_in(file: RecipeFile, reading: Reading) -> Iterator[tuple[MappingNode, ComponentUse]]:
    """The components that the recipes of a file name, each with its entry in the tree; `reading` is the file's."""
    for found, recipe in zip([one for one in file.found if one.kind in RECIPE_KINDS], reading.recipes, strict=True):
        uses = found.node.get("components")
        nodes = [use for use in uses.items if isinstance(use, MappingNode)] if isinstance(uses, Sequence) else []
        yield from zip(nodes, recipe.components, strict=True)


def _check_base(found: Found, side: SideFile, source: Source) -> None:
    """Report a base that only AWS has, unless toe-images.yml names a local image for it."""
    named = found.node.get("parentImage")
    text = named.partial if isinstance(named, Unknown) else named.text if isinstance(named, Scalar) else ""
    if named is None or not _OF_AWS.match(text) or side.local_image(text) is not None:
        return
    hint = f"name a local image for it in {FILE_NAME}: images: {{'{text}': IMAGE}}"
    source.at(named, codes.RECIPE_AMAZON_IMAGE, f"the base '{text}' is kept by AWS, and not on this machine", hint)


class _Checked:
    """The components of one file: what they are, and what the recipes give them."""

    def __init__(self, file: RecipeFile, options: CheckOptions, library: Library) -> None:
        self._source: Source = file.source
        self._components = file.components
        self._options = options
        self._library = library
        self._actions = ActionTable()
        self._loaded: dict[str, Document | None] = {}

    def use(self, node: MappingNode, use: ComponentUse) -> None:
        """Report a component that is not there, and parameters that do not fit it."""
        named = node.get("componentArn")
        if named is None or (isinstance(named, Unknown) and not isinstance(named, Reference) and not use.reference):
            return
        try:
            component = resolve(use, self._library)
        except ToeError as error:
            self._tell_missing(named, use, error)
            return
        document = self._document(component.path, component.text, use, named)
        if document is not None:
            check_parameters(node, use, document, self._source)

    def _tell_missing(self, named: Node, use: ComponentUse, error: ToeError) -> None:
        """What only AWS has is information; what is open has been told where it stands."""
        reference = use.inline.uri if use.inline is not None else use.reference
        is_open = use.inline.unknown if use.inline is not None else isinstance(named, Unknown)
        is_kept = is_remote(reference) and (use.inline is not None or parse_reference(reference) is not None)
        if is_kept:
            self._source.at(named, codes.RECIPE_AMAZON_COMPONENT, error.problems[0].message, error.hint)
        elif reference and not is_open and not reference.startswith(ARN_PREFIX):
            self._source.at(named, codes.RECIPE_NO_COMPONENT, error.problems[0].message, error.hint)

    def _document(self, path: str, text: bytes, use: ComponentUse, named: Node) -> Document | None:
        """The component's document; one that is not valid is told where the recipe names it, once."""
        key = f"{path}:{use.reference}"
        if key in self._loaded:
            return self._loaded[key]
        document, problems = load_document(text, path, self._actions)
        errors = [problem for problem in problems if problem.severity is Severity.ERROR]
        if errors and use.inline is None:
            message = f"the component's document is not valid: {first_of(errors)}"
            self._source.at(named, codes.RECIPE_NO_COMPONENT, message, errors[0].hint)
        self._loaded[key] = None if errors else document
        return self._loaded[key]

    def document(self, found: Found) -> Iterator[Problem]:
        """What is wrong with a document that stands in the file, at its lines of the file."""
        data = found.node.get("data")
        if found.kind != "component" or not isinstance(data, Scalar) or not data.text.strip():
            return
        defined = self._components[found.label]
        options = self._options._replace(given_parameters=None)
        whole = data.text.encode("utf-8", "surrogatepass")
        text = moved_to(defined.text_place, whole)
        for problem in check_all(text, self._source.file, options, self._actions)[1]:
            # what a parameter needs is compared with what the recipes give
            if problem.code == codes.REQUIRED_PARAMETER:
                continue
            is_of_file = problem.file == self._source.file
            placed = self._at_data(problem, data, defined) if is_of_file and text is whole else problem
            yield self._shown(placed) if is_of_file else placed

    def _at_data(self, problem: Problem, data: Scalar, defined: InlineComponent) -> Problem:
        """A problem of a document whose lines are no lines of the file, where the document begins."""
        message = f"in line {problem.line} of the document of '{defined.name}': {problem.message}"
        line, column = data.line, data.column
        return problem._replace(message=message, line=line, column=column, end_line=line, end_column=column + 1)

    def _shown(self, problem: Problem) -> Problem:
        """A problem with the file's line, which functions may have changed: then nothing can be mended in it."""
        return problem._replace(source_line=self._source.findings.source_line(problem.line, problem.column), fix="")
