"""The subcommands and their options, as data: what click makes commands of and the plain parser reads."""

from toe.records import NamedTuple


class Option(NamedTuple):
    """One option. `many` may be given several times; a `flag` takes no value."""

    name: str
    help: str
    short: str = ""
    metavar: str = ""
    many: bool = False
    flag: bool = False

    @property
    def key(self) -> str:
        """The name that the option's value has in Python."""
        return self.name.replace("-", "_")


class Command(NamedTuple):
    """One subcommand. Its function, of the same name, lives in `toe.cli.<name>`; `arguments` names what it is given."""

    name: str
    short_help: str
    help: str
    options: tuple[Option, ...] = ()
    arguments: str = "[DOCUMENT]..."


DOCUMENTS = Option("documents", "Documents, with commas.", "d", "A,B", many=True)
BLOCKED = Option("blocked-action-modules", "Action modules that must not be used.", metavar="A,B", many=True)
DOCUMENT_OWNER = Option(
    "document-s3-bucket-owner", "The account that must own the documents' bucket (needs toe[aws]).", metavar="ID"
)

RUN = Command(
    "run",
    "Run component documents.",
    """Run component documents, one after the other.

    DOCUMENT is the path of a component document. One JSON object, the summary, goes to stdout; all else to stderr.

    Exit code: 0 success, 1 failed or timed out, 2 nothing was run, 194 reboot asked for, 128+n stopped by signal n.
    """,
    (
        DOCUMENTS,
        Option("config", "A JSON file with documents, parameters and options.", "c", "FILE"),
        Option("phases", "The phases to run, with commas; all when left out.", "p", "A,B"),
        Option("parameters", "Values of parameters.", metavar="N=V,N=V", many=True),
        Option("execution-id", "Names the run; a UUID when left out.", "i", "ID"),
        Option("log-directory", "Where the run's log folder goes; default: here.", "l", "DIR"),
        Option("state-directory", "Where the state of a run is kept.", "s", "DIR"),
        BLOCKED,
        Option("log-s3-bucket-name", "S3 bucket for the logs (needs toe[aws]).", "b", "BUCKET"),
        Option("log-s3-bucket-owner", "The account that must own that bucket (needs toe[aws]).", metavar="ID"),
        Option("log-s3-key-prefix", "S3 key prefix of the logs (needs toe[aws]).", "k", "PREFIX"),
        Option("cw-log-group", "CloudWatch log group for console.log (needs toe[aws]).", metavar="GROUP"),
        Option("cw-log-stream", "CloudWatch log stream (needs toe[aws]).", metavar="STREAM"),
        Option("cw-log-region", "CloudWatch region (needs toe[aws]).", metavar="REGION"),
        Option("cw-ignore-failures", "Go on when CloudWatch logging fails (needs toe[aws]).", flag=True),
        DOCUMENT_OWNER,
        Option("trace", "Show the lines of application.log on stderr.", "t", flag=True),
        Option("quiet", "Say nothing on stderr but errors.", "q", flag=True),
    ),
)
VALIDATE = Command(
    "validate",
    "Check component documents without running them.",
    """Find every fault of component documents, each with its place; for every platform, on any.

    Exit code: 0 valid, 1 invalid, 2 wrong usage or unreadable.
    """,
    (
        DOCUMENTS,
        BLOCKED,
        Option("os-platforms", "linux, windows, darwin; any when left out.", metavar="A,B", many=True),
        DOCUMENT_OWNER,
        Option("trace", "Accepted for AWSTOE's sake: everything is said anyway.", "t", flag=True),
    ),
)
EXPLAIN = Command(
    "explain",
    "Say more about the code of a problem.",
    "Explain problem codes such as TOE204: why it is a problem, with a wrong and a right example.",
    arguments="CODE...",
)
ACTIONS = Command(
    "actions",
    "List or explain the action modules.",
    "List the action modules, or explain those that are named: what they do, their inputs and outputs.",
    arguments="[NAME]...",
)
SCHEMA = Command(
    "schema",
    "Print the JSON Schema of component documents.",
    "Print the JSON Schema (2020-12) of component documents, for editors and other validators.",
    arguments="",
)
COMMANDS = {command.name: command for command in (RUN, VALIDATE, EXPLAIN, ACTIONS, SCHEMA)}
