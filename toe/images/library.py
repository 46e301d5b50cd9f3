"""From how a recipe names a component to its document.

In this order: `toe-images.yml`, the recipe's own file, a folder of components on this machine, and Image Builder itself
where that is allowed. The folder is `components/NAME/VERSION/` beside the recipe (toe.images.folders).
"""

from __future__ import annotations

import os

from toe import codes
from toe.document.source import is_remote, read_document
from toe.document.suggest import did_you_mean
from toe.errors import Problem, Severity, ToeError
from toe.images.folders import names_in, versions_in
from toe.images.model import UNKNOWN_PART, Component, ComponentUse, InlineComponent
from toe.images.names import ARN_PREFIX, ComponentName, covers, folder_name, parse_reference
from toe.images.side_file import FILE_NAME, Named, SideFile
from toe.images.versions import newest, parse_version
from toe.records import NamedTuple

FOLDER = "components"
#: The version of a file that nobody gave one.
NO_VERSION = "0.0.0"
#: Of the versions that there are, in a message.
MOST_NAMED = 10


class Library(NamedTuple):
    """Where components are looked for.

    `folder` is the recipe's, to which paths are relative. `folders` are those that hold `NAME/VERSION/`. `inline` are
    the components of the recipe's own file. `fetches`: ask Image Builder, S3 and https for what is not here.
    """

    folder: str
    folders: tuple[str, ...]
    inline: tuple[InlineComponent, ...] = ()
    side: SideFile = SideFile()
    fetches: bool = False


def library_of(
    recipe: str, inline: tuple[InlineComponent, ...] = (), side: SideFile | None = None, *, fetches: bool = False
) -> Library:
    """The library of a recipe in a file: its own components, and the folder `components` beside it."""
    folder = os.path.dirname(recipe)
    return Library(folder, (os.path.join(folder, FOLDER),), inline, side or SideFile(), fetches)


def resolve(use: ComponentUse, library: Library) -> Component:
    """The component that a recipe names, the newest version and build where it leaves them open.

    Raises ToeError with a problem (TOE716) at the place of the name: what is missing, and what to do.
    """
    try:
        return _resolved(use, library)
    except ToeError as error:
        raise _missing(use, error.message, error.hint) from error


def _missing(use: ComponentUse, message: str, hint: str) -> ToeError:
    place = use.place
    problem = Problem(
        codes.RECIPE_NO_COMPONENT,
        Severity.ERROR,
        message,
        hint,
        place.file,
        place.line,
        place.column,
        place.line,
        place.column + 1,
    )
    return ToeError(f"{place}: {message}", hint=hint, problems=(problem,))


def _resolved(use: ComponentUse, library: Library) -> Component:
    side = _in_side_file(use, library.side)
    if side is not None:
        return _of_file(side.value, use, parse_reference(use.reference))
    if use.inline is not None:
        return _of_definition(use.inline, use, library)
    name = parse_reference(use.reference)
    is_path = os.path.isfile(os.path.join(library.folder, use.reference)) and not use.reference.startswith(ARN_PREFIX)
    if name is None or (is_path and not name.account):
        return _of_path(use, library)
    defined = _newest_inline(name, library.inline)
    if defined is not None:
        return _of_definition(defined, use, library)
    return _in_folders(name, use, library.folders) or _of_service(name, use, library)


def _in_side_file(use: ComponentUse, side: SideFile) -> Named | None:
    """The file that toe-images.yml gives: the very reference first, then what covers it, in the file's order."""
    exact = side.components.get(use.reference)
    if exact is not None:
        return exact
    return next((named for key, named in side.components.items() if covers(key, use.reference)), None)


def _newest_inline(name: ComponentName, inline: tuple[InlineComponent, ...]) -> InlineComponent | None:
    """A component of the same file that is named by its ARN, or by its name and version."""
    versions = {
        version: one
        for one in inline
        if folder_name(one.name) == folder_name(name.name) and (version := parse_version(one.version)) is not None
    }
    found = newest(name.version, versions)
    return versions[found] if found is not None else None


def _of_file(path: str, use: ComponentUse, name: ComponentName | None) -> Component:
    version = parse_version(name.version) if name is not None else None
    return Component(
        name=name.name if name is not None else os.path.splitext(os.path.basename(path))[0],
        version=version.semantic if version is not None else NO_VERSION,
        build=1,
        path=path,
        text=read_document(path),
        parameters=use.parameters,
        place=use.place,
    )


def _of_path(use: ComponentUse, library: Library) -> Component:
    reference = use.reference
    if reference.startswith(ARN_PREFIX) or UNKNOWN_PART in reference:
        what = "the component" if reference == UNKNOWN_PART else f"the component '{reference}'"
        hint = f"name its file in {FILE_NAME}: components: {{{_key(reference)}: PATH}}"
        raise ToeError(f"{what} cannot be looked for: this is no complete ARN of a component", hint=hint)
    if is_remote(reference):
        return _fetched(reference, use, library, None)
    path = os.path.join(library.folder, reference)
    if not os.path.isfile(path):
        what = "a folder" if os.path.isdir(path) else "not there"
        hint = "paths are relative to the recipe's folder; an ARN and name/version are looked for in components/"
        raise ToeError(f"the component's file '{reference}' is {what}", hint=hint)
    return _of_file(path, use, None)


def _key(reference: str) -> str:
    return f"'{UNKNOWN_PART}'" if reference == UNKNOWN_PART else reference


def _of_definition(defined: InlineComponent, use: ComponentUse, library: Library) -> Component:
    version = parse_version(defined.version)
    semantic = version.semantic if version is not None else NO_VERSION
    if defined.unknown:
        hint = f"give a value by --parameter, or name a file in {FILE_NAME}"
        raise ToeError(f"the document of the component '{defined.name}' is not known: {defined.unknown}", hint=hint)
    if defined.text:
        place = defined.text_place or defined.place
        text = defined.text.encode("utf-8", "surrogatepass")
        return Component(
            defined.name, semantic, 1, place.file, text, use.parameters, use.place, text_place=defined.text_place
        )
    if is_remote(defined.uri):
        found = _fetched(defined.uri, use, library, None)
    else:
        found = _of_file(os.path.join(library.folder, defined.uri.removeprefix("file://")), use, None)
    return found._replace(name=defined.name, version=semantic)


def _of_service(name: ComponentName, use: ComponentUse, library: Library) -> Component:
    if not use.reference.startswith(ARN_PREFIX):
        raise _none_in_folders(name, library.folders)
    return _fetched(use.reference, use, library, name)


def _fetched(address: str, use: ComponentUse, library: Library, name: ComponentName | None) -> Component:
    key = name.name if name is not None else address
    hint = f"name a file for it in {FILE_NAME}: components: {{{key}: PATH}}; 'toe build --fetch' reads it there"
    if not library.fetches:
        what = f"the component '{name.name}' {name.wanted}" if name is not None else f"the document '{address}'"
        kept = " is kept by Image Builder, and" if name is not None and name.is_managed else " is"
        raise ToeError(f"{what}{kept} not on this machine", hint=hint)
    if UNKNOWN_PART in address:
        open_part = "its region or account is not known"
        raise ToeError(
            f"'{address}' cannot be read from Image Builder: {open_part}", hint="--parameters AWS::Region=..."
        )
    from toe.aws.component_arn import parse_component_arn
    from toe.aws.documents import fetch
    from toe.document.source import SIZE_LIMIT

    if address.startswith(("https://", "http://")):
        from toe.check.reading import DocumentReader

        return _fetched_component(address, DocumentReader().read(address), use, None)
    fetched = fetch(address, environment=os.environ, size_limit=SIZE_LIMIT)
    arn = parse_component_arn(fetched.address)
    exact = ComponentName(arn.name, arn.version, arn.build) if arn is not None else name
    return _fetched_component(fetched.address, fetched.data, use, exact)


def _fetched_component(address: str, data: bytes, use: ComponentUse, name: ComponentName | None) -> Component:
    version = parse_version(name.wanted) if name is not None else None
    return Component(
        name=name.name if name is not None else address.rpartition("/")[2],
        version=version.semantic if version is not None else NO_VERSION,
        build=(version.build if version is not None else 0) or 1,
        path=address,
        text=data,
        parameters=use.parameters,
        place=use.place,
    )


def _in_folders(name: ComponentName, use: ComponentUse, folders: tuple[str, ...]) -> Component | None:
    there = versions_in(folders, name.name)
    found = newest(name.wanted, there)
    if found is None:
        return None
    return Component(
        name.name, found.semantic, found.build, there[found], read_document(there[found]), use.parameters, use.place
    )


def _none_in_folders(name: ComponentName, folders: tuple[str, ...]) -> ToeError:
    versions = sorted(versions_in(folders, name.name))
    shown = ", ".join(folders)
    if versions:
        listed = ", ".join(str(version) for version in versions[-MOST_NAMED:])
        return ToeError(f"no version of '{name.name}' matches '{name.wanted}' in {shown}", hint=f"there are: {listed}")
    near = did_you_mean(name.name, names_in(folders))
    hint = f"put it there as {name.name}/1.0.0/component.yml, or name its file in {FILE_NAME}"
    return ToeError(f"there is no component '{name.name}'{near} in {shown}", hint=hint)
