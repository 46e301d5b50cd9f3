"""Options that several commands have."""

from __future__ import annotations

from toe.cli.command import Option

DOCUMENTS = Option("documents", "Documents, with commas.", "d", "A,B", many=True)

BLOCKED = Option("blocked-action-modules", "Action modules that must not be used.", metavar="A,B", many=True)

DOCUMENT_OWNER = Option(
    "document-s3-bucket-owner", "The account that must own the documents' bucket (needs toe[aws]).", metavar="ID"
)

STATE_DIRECTORY = Option(
    "state-directory", "Where the state of a run is kept; default: /var/lib/toe, or below your home.", "s", "DIR"
)

SHOW_OUTPUT = Option("show-output", "Show on stderr what the steps print, as it comes.", flag=True)

QUIET = Option("quiet", "Say nothing on stderr but errors.", "q", flag=True)

PARAMETERS = Option("parameters", "Values of parameters.", metavar="N=V,N=V", many=True)

TEMPLATE_PARAMETERS = Option(
    "parameters",
    "Values of a template's parameters, or of Terraform's variables.",
    metavar="N=V,N=V",
    many=True,
    alias="parameter",
)

MASK = Option("mask", "Parameters and environment variables whose values are secrets.", metavar="A,B", many=True)

HTML = Option(
    "html", "Write a report of the run, one page of HTML, to a file (needs toe[report]).", metavar="FILE", filled=True
)

ENGINE = Option(
    "engine", "Engine of containers: buildah, podman or docker; default: the first there is.", metavar="NAME"
)

ISOLATION = Option("isolation", "How buildah keeps processes apart: oci (the default) or chroot.", metavar="HOW")

NETWORK = Option(
    "network", "With --in DISK: the machine gets a network, by qemu's user mode; default: none.", flag=True
)

SUMMARY = Option("summary", "Write the summary to a file as well.", metavar="FILE", filled=True)

JUNIT_XML = Option("junit-xml", "Write a report of the run, JUnit's XML, to a file.", metavar="FILE", filled=True)

PHASES = Option("phases", "The phases to run, with commas; all when left out.", "p", "A,B", many=True)

EXECUTION_ID = Option("execution-id", "Names the run; a UUID when left out.", "i", "ID")

FETCH = Option("fetch", "Let a plan read documents in S3, in Image Builder and on the web.", flag=True)
