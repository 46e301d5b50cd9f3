"""The commands that check documents, tell of them, and begin some."""

from __future__ import annotations

from toe.cli.command import Command, Option
from toe.cli.options.shared import BLOCKED, DOCUMENT_OWNER, DOCUMENTS, TEMPLATE_PARAMETERS

VALIDATE = Command(
    "validate",
    "Check component documents, and recipes of images, without running them.",
    """Find every fault of component documents, each with its place; for every platform, on any.

    DOCUMENT is a file, a folder (its YAML files that are component documents or recipes), a pattern such as
    'a/**/*.yml', or - for standard input. What people read goes to stderr, the report to stdout.

    Recipes of images are judged too, with what stands in them and beside them (toe-images.yml): requests of the API in
    YAML or JSON, CloudFormation templates, Terraform (toe[terraform]).

    Exit code: 0 valid, 1 invalid, 2 wrong usage or unreadable.
    """,
    (
        DOCUMENTS,
        BLOCKED,
        Option("os-platforms", "linux, windows, darwin; any when left out.", metavar="A,B", many=True),
        TEMPLATE_PARAMETERS,
        Option("profile", "imagebuilder: the rules of EC2 Image Builder hold as well.", metavar="NAME"),
        Option("skip-other-yaml", "Leave out YAML that is no component document even where it is named.", flag=True),
        Option("fix", "Mend what is mechanical: case of keys and operators, slips in action names, quotes.", flag=True),
        Option("diff", "Show what --fix would change, and change nothing; 1 where there is something.", flag=True),
        Option("no-lint", "Only what is wrong, not what is unwise.", flag=True),
        Option(
            "select",
            "Tell only these codes (or beginnings: TOE5), and errors that stop a run.",
            metavar="A,B",
            many=True,
        ),
        Option("ignore", "Leave these codes out too (or beginnings: TOE50).", metavar="A,B", many=True),
        Option("no-config", "Read neither pyproject.toml nor .toe.toml.", flag=True),
        Option("exit-zero", "End with 0 whatever is found; not where a document cannot be read.", flag=True),
        Option("strict", "Warnings make a document invalid as well.", flag=True),
        Option("format", "The report: json (the default), text, sarif, github or junit.", "f", "NAME"),
        Option("output", "Write the report to a file; the JSON still goes to stdout.", "o", "FILE"),
        Option("stdin-filename", "What to call standard input in messages.", metavar="NAME"),
        DOCUMENT_OWNER,
        Option("trace", "Accepted for AWSTOE's sake: everything is said anyway.", "t", flag=True),
    ),
)

EXPLAIN = Command(
    "explain",
    "Say more about the code of a problem.",
    "Explain problem codes such as TOE204, with a wrong and a right example; list all of them without one.",
    arguments="[CODE]...",
    module="reference",
)

ACTIONS = Command(
    "actions",
    "List or explain the action modules.",
    "List the action modules, or explain those that are named: what they do, their inputs and outputs.",
    arguments="[NAME]...",
    module="reference",
)

SCHEMA = Command(
    "schema",
    "Print the JSON Schema of component documents.",
    "Print the JSON Schema (2020-12) of component documents, for editors and other validators.",
    arguments="",
    module="reference",
)

NEW = Command(
    "new",
    "Write a component to start from.",
    """Write NAME.yml: a small, valid, commented component. An existing file is never replaced.

    Its path goes to stdout. Exit code: 0 written, 2 wrong usage, or nothing could be written.
    """,
    (
        Option("os-platform", "linux (the default), windows or darwin.", metavar="PLATFORM"),
        Option("directory", "Where the file goes; made when it does not exist; default: here.", metavar="DIR"),
    ),
    arguments="NAME",
)

INIT = Command(
    "init",
    "Set up a repository of components.",
    """Write a configuration of pre-commit (or add to it), a workflow for GitHub and a first component with its test.

    DIR is the repository, by default the current folder. Existing files are never replaced, but named. The paths of
    what was written go to stdout. Exit code: 0 done, 2 wrong usage, or something could not be written.
    """,
    arguments="[DIR]",
)

COMPLETION_SCRIPT = Command(
    "completion",
    "Print a shell's completion script.",
    """Print the script that has bash, zsh or fish complete commands, options, phases, steps, actions and codes.

    For bash: eval "$(toe completion bash)" in ~/.bashrc; for zsh the same in ~/.zshrc, behind compinit; for fish:
    toe completion fish > ~/.config/fish/completions/toe.fish
    """,
    arguments="SHELL",
)

LSP = Command(
    "lsp",
    "Serve an editor (needs toe[lsp]).",
    """Speak the Language Server Protocol on stdin and stdout: an editor starts this, and no person.

    It shows what 'toe validate' finds while a component document is typed, explains what is under the cursor,
    completes, follows references and mends. Nothing is run or fetched. Exit code: 0 shut down, 1 the editor was gone,
    2 wrong usage, or toe[lsp] is missing.
    """,
    arguments="",
)

COMMANDS = {
    command.name: command for command in (VALIDATE, EXPLAIN, ACTIONS, SCHEMA, NEW, INIT, COMPLETION_SCRIPT, LSP)
}
