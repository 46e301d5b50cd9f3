"""The commands that run documents, and those that go on with a run."""

from __future__ import annotations

from toe.cli.command import Command, Option
from toe.cli.options.shared import (
    BLOCKED,
    DOCUMENT_OWNER,
    DOCUMENTS,
    ENGINE,
    EXECUTION_ID,
    FETCH,
    HTML,
    ISOLATION,
    JUNIT_XML,
    MASK,
    NETWORK,
    PARAMETERS,
    PHASES,
    QUIET,
    SHOW_OUTPUT,
    STATE_DIRECTORY,
    SUMMARY,
)

REBOOT = Option(
    "reboot", "When a step asks for a reboot: auto (the default), exit (with 194), system, never.", metavar="HOW"
)

TRACE = Option("trace", "Show the lines of application.log on stderr.", "t", flag=True)

EVENTS = Option(
    "events",
    "Write the lines of events.jsonl to a file, a FIFO, or - (stdout), as they come.",
    metavar="FILE",
    filled=True,
)

OTEL = Option("otel", "Send spans to an OTLP collector, OTEL_EXPORTER_OTLP_ENDPOINT (needs toe[otel]).", flag=True)

CONFIG = Option("config", "A JSON file with documents, parameters and options.", "c", "FILE")

ONLY = Option("only", "The steps to run, PHASE.STEP or DOCUMENT:PHASE.STEP, with commas.", metavar="A,B", many=True)

START_AT = Option("start-at", "The step to begin with, PHASE.STEP or DOCUMENT:PHASE.STEP.", metavar="STEP")

OUTPUTS_OF = Option(
    "outputs-of",
    "Take what steps that do not run took and gave from the logs of a former run.",
    metavar="LOG-FOLDER",
    filled=True,
    many=True,
)

#: Of `toe run` on many hosts.
OF_HOSTS = (
    Option(
        "hosts",
        "Run on the hosts of an Ansible inventory, a file or 'h1,h2' (needs toe[fleet]).",
        metavar="FILE",
        filled=True,
    ),
    Option("limit", "Only these of the hosts, a pattern of Ansible's.", metavar="PATTERN", filled=True),
    Option("forks", "How many hosts at once; default: Ansible's, 5.", metavar="N", filled=True),
    Option(
        "serial",
        "Hosts in batches of N (or N%); where a whole batch fails the next ones are left out.",
        metavar="N",
        filled=True,
    ),
    Option("become", "Run as root on the hosts (Ansible's become).", flag=True),
    Option(
        "become-password-file",
        "A file with the password that sudo asks for, which nobody else can read.",
        metavar="FILE",
        filled=True,
    ),
    Option(
        "retry", "Only the hosts that did not succeed last time, by toe-hosts.json in the log directory.", flag=True
    ),
    Option(
        "executable",
        "What hosts get, a file of 'toe bundle' or a folder of some; made when left out.",
        metavar="FILE",
        filled=True,
    ),
)

RUN = Command(
    "run",
    "Run component documents.",
    """Run component documents, one after the other.

    DOCUMENT is a path, an s3:// or https:// address, or the ARN of an Image Builder component. One JSON object, the
    summary, goes to stdout; all else to stderr: a live view on a terminal, groups and annotations in GitHub Actions,
    elsewhere plain lines.

    Exit code: 0 success, 1 failed or timed out, 2 nothing was run, 194 reboot asked for, 128+n stopped by signal n.
    """,
    (
        DOCUMENTS,
        CONFIG,
        PHASES,
        ONLY,
        START_AT,
        OUTPUTS_OF,
        PARAMETERS,
        EXECUTION_ID,
        Option("log-directory", "Where the run's log folder goes; default: here.", "l", "DIR"),
        STATE_DIRECTORY,
        REBOOT,
        Option("max-reboots", "Reboots of one run after which it fails; default: 15.", metavar="N"),
        BLOCKED,
        Option("log-s3-bucket-name", "S3 bucket for the logs (needs toe[aws]).", "b", "BUCKET"),
        Option("log-s3-bucket-owner", "The account that must own that bucket (needs toe[aws]).", metavar="ID"),
        Option("log-s3-key-prefix", "S3 key prefix of the logs (needs toe[aws]).", "k", "PREFIX"),
        Option("cw-log-group", "CloudWatch log group for console.log (needs toe[aws]).", metavar="GROUP"),
        Option("cw-log-stream", "CloudWatch log stream (needs toe[aws]).", metavar="STREAM"),
        Option("cw-log-region", "CloudWatch region (needs toe[aws]).", metavar="REGION"),
        Option("cw-ignore-failures", "Go on when CloudWatch logging fails (needs toe[aws]).", flag=True),
        DOCUMENT_OWNER,
        MASK,
        SUMMARY,
        EVENTS,
        OTEL,
        HTML,
        JUNIT_XML,
        Option("dry-run", "Show what would run, as 'toe plan', and run nothing.", flag=True),
        FETCH,
        Option(
            "in",
            "Run in a throw-away container of this image, or machine on this disk; it is not changed.",
            metavar="IMAGE",
            filled=True,
        ),
        ENGINE,
        ISOLATION,
        NETWORK,
        Option("mount", "With --in: a folder that is seen in there, read-only.", metavar="FOLDER[:TARGET]", many=True),
        Option(
            "env", "With --in: variables that the run gets from here; AWS_* for all such.", metavar="A,B", many=True
        ),
        Option("keep", "With --in: keep the container or machine, and say how to enter and remove it.", flag=True),
        Option("shell", "With --in: open a shell in there when the run has failed.", flag=True),
        Option("watch", "Run again when a document changes; Ctrl-C ends it.", flag=True),
        SHOW_OUTPUT,
        TRACE,
        QUIET,
        *OF_HOSTS,
    ),
)

PLAN = Command(
    "plan",
    "Show what a run would do.",
    """Show what would run here, step by step, and what it needs. Nothing is run, written or fetched.

    What is known only at run time stays as '{{ ... }}'; secrets are named, and never shown.

    Exit code: 0 the plan is made, 2 invalid or unreadable documents, wrong usage.
    """,
    (
        DOCUMENTS,
        CONFIG,
        PHASES,
        ONLY,
        START_AT,
        OUTPUTS_OF,
        PARAMETERS,
        EXECUTION_ID,
        BLOCKED,
        DOCUMENT_OWNER,
        MASK,
        FETCH,
        Option("format", "text (the default) or json.", "f", "NAME"),
    ),
)

RESUME = Command(
    "resume",
    "Go on with a run that rebooted, was stopped or was cut off.",
    """Go on with a run in its log folder. Steps that finished are not run again, the one that was running is.

    EXECUTION-ID may be left out where there is only one. Exit code: as 'toe run'.
    """,
    (
        STATE_DIRECTORY,
        REBOOT,
        Option("parameters", "Values of masked parameters, which are not kept.", metavar="N=V,N=V", many=True),
        Option("config", "The config file of the run, for the values of masked parameters.", "c", "FILE"),
        SUMMARY,
        EVENTS,
        OTEL,
        SHOW_OUTPUT,
        TRACE,
        QUIET,
    ),
    arguments="[EXECUTION-ID]",
)

STATUS = Command(
    "status",
    "Show the runs that did not end.",
    "Show where each run is that is under way, waits for a reboot, was stopped or was cut off.",
    (STATE_DIRECTORY,),
    arguments="[EXECUTION-ID]",
    module="states",
)

ABANDON = Command(
    "abandon",
    "Put a run that did not end aside.",
    "Have a run not go on at the next boot, and keep its state under another name.",
    (STATE_DIRECTORY,),
    arguments="EXECUTION-ID",
    module="states",
)

COMMANDS = {command.name: command for command in (RUN, PLAN, RESUME, STATUS, ABANDON)}
