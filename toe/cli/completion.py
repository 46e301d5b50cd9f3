"""`toe completion SHELL`, and what a shell is offered behind the commands and options, which click knows.

The shell starts `toe` at each TAB, so only what the word at hand needs is imported.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class, split_arg_string

from toe.actions import TABLE, ActionTable
from toe.cli.command import COMPLETION, Command, Option, split_names
from toe.cli.terminal import printed
from toe.codes import CODES
from toe.document.source import YAML_ENDINGS, read_document
from toe.document.suggest import did_you_mean
from toe.errors import ToeError
from toe.model import Document

SHELLS = ("bash", "zsh", "fish")
#: The command has a second name, for which click makes no script.
_SECOND_NAME = {
    "bash": "complete -o nosort -F _toe_completion awstoe\n",
    "zsh": "(( $+functions[compdef] )) && compdef _toe_completion awstoe\n",
    "fish": 'complete --no-files --command awstoe --arguments "(_toe_completion)"\n',
}

#: A word, and what it is.
Candidate = tuple[str, str]
Candidates = Callable[[Mapping[str, Any]], Iterable[Candidate]]


def completion(options: Mapping[str, Any]) -> int:
    """Print the script that has a shell complete `toe`. Raises ToeError for a shell that it cannot be made for."""
    names = options["paths"]
    if len(names) != 1:
        raise ToeError("'toe completion' takes one shell", hint=f"shells: {', '.join(SHELLS)}")
    name = names[0]
    found = get_completion_class(name) if name in SHELLS else None
    if found is None:
        raise ToeError(f"no completion for '{name}'{did_you_mean(name, SHELLS)}", hint=f"shells: {', '.join(SHELLS)}")
    script = found(click.Group("toe"), {}, "toe", COMPLETION)
    # Not source(), which starts a bash to ask for its version. In fish click cuts values at their first comma.
    text = (script.source_template % script.source_vars()).replace('split "," $', 'split --max 1 "," $')
    return printed(text + _SECOND_NAME[name])


def complete(
    command: Command, option: Option | None, params: Mapping[str, Any], word: str
) -> list[CompletionItem[str]]:
    """What the word at hand can become: an option's value, or an argument where there is no option.

    `params` are the command's values so far.
    """
    offered = (_VALUES.get(option.name) if option else None) or _VALUES.get(f"{command.name} {_name(option)}")
    if offered is None:
        metavar = option.metavar if option else command.arguments
        kinds = ("dir", ("DIR", "FOLDER")), ("file", ("FILE", "DOCUMENT", "PATH"))
        return [CompletionItem(word, type=kind) for kind, marks in kinds if any(mark in metavar for mark in marks)][:1]
    begun = word[: word.rfind(",") + 1] if option is not None and option.many else ""
    rest = word[len(begun) :].lower()
    try:
        found = dict(one for one in offered(params) if one[0].lower().startswith(rest))
    except (ToeError, OSError):
        return []
    return [CompletionItem(f"{begun}{value}", help=what or None) for value, what in found.items()]


def _name(option: Option | None) -> str:
    return option.name if option else ""


def _words(*words: str) -> Candidates:
    return lambda params: [(word, "") for word in words]


def _actions(params: Mapping[str, Any]) -> Iterator[Candidate]:
    return ((name, "") for name in TABLE)


def _codes(params: Mapping[str, Any]) -> Iterator[Candidate]:
    return ((code, known.title) for code, known in CODES.items())


def _phases(params: Mapping[str, Any]) -> Iterator[Candidate]:
    return ((phase.name, "") for document in _documents(params) for phase in document.phases)


def _steps(params: Mapping[str, Any]) -> Iterator[Candidate]:
    for document in _documents(params):
        for phase in document.phases:
            yield from ((f"{phase.name}.{step.name}", step.action) for step in phase.steps)


def _images(params: Mapping[str, Any]) -> Iterator[Candidate]:
    """The verbs, and behind one of them what the store has; no engine is asked."""
    from toe.images.store import store_in
    from toe.system.state_directory import state_directory

    if not params.get("paths"):
        yield from (
            ("show", "all of one"),
            ("verify", "check its statement"),
            ("rm", "remove some"),
            ("prune", "remove what is old"),
        )
    else:
        for record in store_in(state_directory(params.get("state_directory") or "", ".")).images():
            yield f"{record.recipe.get('name')}/{record.recipe.get('version')}", record.base.get("name", "")


def _pipelines(params: Mapping[str, Any]) -> Iterator[Candidate]:
    """The verbs, files behind those that take some, and what is installed behind `uninstall`."""
    verb, *_ = params.get("paths") or ("",)
    if not verb:
        yield from (("run", "now"), ("install", "a timer"), ("list", "what is installed"), ("uninstall", "a timer"))
    elif verb == "uninstall":
        from toe.images.pipelines.installing import installed, place_of_units

        for one in installed(place_of_units(os.environ)):
            yield one.name, one.schedule
    elif verb != "list":
        for name in sorted(os.listdir(".")):
            if name.endswith((*YAML_ENDINGS, ".json", ".tf")) or os.path.isdir(name):
                yield name, ""


def _documents(params: Mapping[str, Any]) -> Iterator[Document]:
    """The documents on the line, also behind the cursor, as far as they can be read."""
    from toe.check.check import load_document

    line = split_arg_string(os.environ.get("COMP_WORDS", ""))
    named = [*split_names(params.get("documents") or ()), *(params.get("paths") or ()), *line[1:]]
    for path in dict.fromkeys(map(os.path.expanduser, named)):
        if path.lower().endswith(YAML_ENDINGS) and os.path.isfile(path):
            document, _ = load_document(read_document(path), path, ActionTable())
            if document is not None:
                yield document


#: What an option takes, by its name or by `COMMAND OPTION`; `COMMAND ` is for the arguments of a command.
_VALUES: dict[str, Candidates] = {
    "phases": _phases,
    "only": _steps,
    "start-at": _steps,
    "blocked-action-modules": _actions,
    "select": _codes,
    "ignore": _codes,
    "reboot": _words("auto", "exit", "system", "never"),
    "engine": _words("buildah", "podman", "docker"),
    "isolation": _words("oci", "chroot"),
    "os-platform": _words("linux", "windows", "darwin"),
    "os-platforms": _words("linux", "windows", "darwin"),
    "profile": _words("imagebuilder"),
    "with": _words("aws", "report"),
    "validate format": _words("json", "text", "sarif", "github", "junit"),
    "plan format": _words("text", "json"),
    "images format": _words("text", "json"),
    "images ": _images,
    "pipeline format": _words("text", "json"),
    "pipeline ": _pipelines,
    "test keyword": _steps,
    "explain ": _codes,
    "actions ": _actions,
    "completion ": _words(*SHELLS),
}
