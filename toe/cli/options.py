"""The subcommands and their options: the table that click and the reader of plain command lines work with."""

from __future__ import annotations

from toe.cli.command import Command, Option

DOCUMENTS = Option("documents", "Documents, with commas.", "d", "A,B", many=True)
BLOCKED = Option("blocked-action-modules", "Action modules that must not be used.", metavar="A,B", many=True)
DOCUMENT_OWNER = Option(
    "document-s3-bucket-owner", "The account that must own the documents' bucket (needs toe[aws]).", metavar="ID"
)
STATE_DIRECTORY = Option(
    "state-directory", "Where the state of a run is kept; default: /var/lib/toe, or below your home.", "s", "DIR"
)
REBOOT = Option(
    "reboot", "When a step asks for a reboot: auto (the default), exit (with 194), system, never.", metavar="HOW"
)
TRACE = Option("trace", "Show the lines of application.log on stderr.", "t", flag=True)
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
EVENTS = Option(
    "events",
    "Write the lines of events.jsonl to a file, a FIFO, or - (stdout), as they come.",
    metavar="FILE",
    filled=True,
)
OTEL = Option("otel", "Send spans to an OTLP collector, OTEL_EXPORTER_OTLP_ENDPOINT (needs toe[otel]).", flag=True)
ENGINE = Option(
    "engine", "Engine of containers: buildah, podman or docker; default: the first there is.", metavar="NAME"
)
ISOLATION = Option("isolation", "How buildah keeps processes apart: oci (the default) or chroot.", metavar="HOW")
SUMMARY = Option("summary", "Write the summary to a file as well.", metavar="FILE", filled=True)
JUNIT_XML = Option("junit-xml", "Write a report of the run, JUnit's XML, to a file.", metavar="FILE", filled=True)

CONFIG = Option("config", "A JSON file with documents, parameters and options.", "c", "FILE")
PHASES = Option("phases", "The phases to run, with commas; all when left out.", "p", "A,B", many=True)
ONLY = Option("only", "The steps to run, PHASE.STEP or DOCUMENT:PHASE.STEP, with commas.", metavar="A,B", many=True)
START_AT = Option("start-at", "The step to begin with, PHASE.STEP or DOCUMENT:PHASE.STEP.", metavar="STEP")
OUTPUTS_OF = Option(
    "outputs-of",
    "Take what steps that do not run took and gave from the logs of a former run.",
    metavar="LOG-FOLDER",
    filled=True,
    many=True,
)
EXECUTION_ID = Option("execution-id", "Names the run; a UUID when left out.", "i", "ID")
FETCH = Option("fetch", "Let a plan read documents in S3, in Image Builder and on the web.", flag=True)

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
REPORT = Command(
    "report",
    "Write a report of a run from its log folder.",
    """Write what a log folder tells of a run, as one page of HTML, as JUnit's XML, or both; also of AWSTOE's folders.

    Exit code: 0 written, whatever came of the run, 2 wrong usage, no log folder, or a file that cannot be written.
    """,
    (HTML, JUNIT_XML),
    arguments="LOG-FOLDER",
)
TEST = Command(
    "test",
    "Run the tests of component documents.",
    """Run the phases 'validate' and 'test' of component documents, each document as a run of its own.

    PATH is a document, a folder (its component documents that have such a phase) or a pattern; the working directory
    when left out. A step that ends with 77 is skipped; '# toe: expect 30s' on a step's line has one that takes longer
    told of. One JSON object, the summary, goes to stdout; all else to stderr.

    Exit code: 0 all passed, 1 some failed, 2 wrong usage or an invalid document: nothing was run, 5 nothing to test,
    128+n stopped by signal n.
    """,
    (
        PARAMETERS,
        MASK,
        Option("keyword", "Only documents with this text in their path, their name or PHASE.STEP.", "k", "TEXT"),
        Option("fail-fast", "Run no further document after one that failed.", flag=True),
        Option(
            "log-directory", "Where the log folders go; default: a temporary folder, kept for failures.", "l", "DIR"
        ),
        JUNIT_XML,
        SHOW_OUTPUT,
    ),
    arguments="[PATH]...",
)
FOLLOW = Command(
    "follow",
    "Show a run from its events, while it runs or later.",
    """Show a run as 'toe run' does, from a log folder, its events.jsonl, what --events writes, or - (standard input).

    It ends with the run, and changes nothing of it. Exit code: that of the run, 1 where it was cut off, 2 for what
    holds no events, 128+n stopped by signal n.
    """,
    (SHOW_OUTPUT, QUIET),
    arguments="FILE",
)
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
BUNDLE = Command(
    "bundle",
    "Make one executable of this toe.",
    """Write one file that runs on any Linux on the same processor, without Python: this toe, its Python, its libraries.

    Its path goes to stdout. Exit code: 0 written, 2 wrong usage, or something is missing.
    """,
    (
        Option("output", "The file; default: toe-VERSION-linux-PROCESSOR, here.", "o", "FILE"),
        Option("with", "Extras of toe that go in as well, such as aws.", metavar="EXTRA,EXTRA", many=True),
    ),
    arguments="",
)
SSM_DOCUMENT = Command(
    "ssm-document",
    "Write a document for Run Command of AWS Systems Manager.",
    """Write the document by which Run Command of AWS Systems Manager runs component documents on its hosts.

    Documents in files go into it, with those that they run by relative paths; others are named by their addresses. The
    agent reboots a host where a step asks for it, and the run goes on. Exit code: 0 written, 2 wrong usage.
    """,
    (
        Option("installed", "A toe that is installed on the hosts.", metavar="PATH"),
        Option("executable-from", "In its place: where hosts get the one file, s3:// or https://.", metavar="ADDRESS"),
        Option("executable", "The same file here, for its checksum.", metavar="FILE"),
        PHASES,
        PARAMETERS,
        EXECUTION_ID,
        Option("output", "Write it to a file, in place of stdout.", "o", "FILE"),
    ),
)
IMAGES = Command(
    "images",
    "List the images that were built, and remove some.",
    """List the images that 'toe build' and pipelines have built; show, verify or rm IMAGE; prune what is old.

    IMAGE is a name, RECIPE/VERSION/BUILD, the beginning of an id, or a build's id. 'rm' removes an image with its names
    and its record; cached layers stay. 'prune' removes cached layers that no image is made of, records of images that
    are gone and, by a lifecycle policy of Image Builder (--policy), images by age or count. What a container uses, what
    another image or a cached layer is built on, and the newest image of a pipeline stays; a kill in between is
    finished by the next one.

    'verify' checks the statement that 'toe distribute' wrote: that it says what the record says, and with --key who has
    signed it.

    Exit code: 0 done, 1 something could not be removed, is needed or is not verified, 2 wrong usage, 128+n stopped by
    signal n.
    """,
    (
        Option("format", "text (the default) or json.", "f", "NAME"),
        Option("key", "verify: the public key that must have signed, PEM (needs toe[sign]).", metavar="FILE"),
        Option(
            "policy", "prune: a lifecycle policy: CreateLifecyclePolicy's input, or a template with it.", metavar="FILE"
        ),
        Option("resource", "prune: the policy in a file that has several.", metavar="NAME"),
        TEMPLATE_PARAMETERS._replace(help="prune: values of the template's parameters."),
        Option("max-age", "prune: how old unused layers may be, such as 12h; default: 7d.", metavar="AGE"),
        Option("dry-run", "prune: say what would be removed, and remove nothing.", "n", flag=True),
        STATE_DIRECTORY,
    ),
    arguments="[show|verify|rm|prune] [IMAGE]...",
)
BUILD = Command(
    "build",
    "Build a tested image of a recipe.",
    """Build an image of a container recipe or an image recipe of EC2 Image Builder, and test it, on this machine.

    RECIPE is a file: what 'aws imagebuilder create-container-recipe --cli-input-json' takes, a CloudFormation template,
    or Terraform. Each component runs in a container ('build', then 'validate') and becomes a layer, which is taken from
    the cache as long as nothing that went into it has changed; then comes the rest of the Dockerfile template. The
    'test' phases run in a new container of the image, 'container-host-test' on this machine; the image gets its names
    when all of them have passed. What a recipe cannot say stands in toe-images.yml beside it. Components run as root of
    the container. One JSON object, the result, goes to stdout; all else to stderr.

    With --format an image recipe becomes a disk: its base is a disk, or a folder or archive with a root file system.
    Components run in a machine that boots from it, by qemu; then it is cleaned as Image Builder does, and the 'test'
    phases run in a new machine that boots from the file.

    Exit code: 0 built, 1 failed, 2 nothing was built: wrong usage or an invalid recipe, 128+n stopped by signal n.
    """,
    (
        Option("resource", "The recipe in a template that has several.", metavar="NAME"),
        TEMPLATE_PARAMETERS,
        Option("images-file", "What the recipe cannot say; default: toe-images.yml beside it.", metavar="FILE"),
        Option(
            "tag", "Names of the image; default: localhost/RECIPE:VERSION-BUILD and :latest.", "t", "A,B", many=True
        ),
        Option("plan", "Show what would be built, what is cached and what has changed; build nothing.", flag=True),
        Option(
            "format",
            "A machine image: qcow2, raw, vmdk or vhd. Of a plan: text (the default) or json.",
            "f",
            "NAME",
            many=True,
        ),
        Option("output", "With --format: the file of the image, or its folder; default: here.", "o", "PATH"),
        FETCH._replace(help="Read components that are not here from Image Builder (needs toe[aws]), S3 and the web."),
        Option("no-cache", "Make all layers anew.", flag=True),
        Option("cache-from", "Take layers from this registry, by the digests in toe-images.lock.", metavar="REGISTRY"),
        Option("cache-to", "Push layers to this registry; toe-images.lock gets their digests.", metavar="REGISTRY"),
        Option("refresh", "Make the layers of these components anew.", metavar="A,B", many=True),
        Option("no-tests", "Do not run the tests.", flag=True),
        Option("keep-failed", "Keep the container or machine of what failed, and say how to enter it.", flag=True),
        Option("env", "Variables of this environment that components get.", metavar="A,B", many=True),
        Option("platform", "Another platform than this machine's, such as linux/arm64.", metavar="OS/ARCH"),
        ENGINE,
        ISOLATION,
        Option("log-directory", "Where the log folders go; default: below the state directory.", "l", "DIR"),
        STATE_DIRECTORY,
        SUMMARY,
        SHOW_OUTPUT,
        QUIET,
    ),
    arguments="RECIPE",
)
DISTRIBUTE = Command(
    "distribute",
    "Send an image to registries, folders and S3.",
    """Send an image to all places that a distribution configuration names, and announce it when all have it.

    IMAGE is a name, RECIPE/VERSION/BUILD, the beginning of an id or a build's id; a disk is named by its file. FILE
    holds the configuration: CreateDistributionConfiguration's input, a template or Terraform. Which registry, folder or
    bucket a region stands for is said by 'registries' and 'disks' in toe-images.yml beside it. Containers go by skopeo,
    disks are converted by qemu-img. A target gets the whole image before any name means it; where one fails nothing is
    announced, and the same command sends what is missing.

    Exit code: 0 distributed, 1 a target failed, 2 wrong usage, 128+n stopped by signal n.
    """,
    (
        Option("plan", "Say where the image would go, and send nothing.", flag=True),
        Option("resource", "The configuration in a file that has several.", metavar="NAME"),
        TEMPLATE_PARAMETERS,
        Option("images-file", "The file toe-images.yml; default: the one beside FILE.", metavar="FILE"),
        Option("sbom", "Write what software is in the image to a file, as SPDX's JSON (needs syft).", metavar="FILE"),
        Option("sign", "Sign the statement of the image with this private key, PEM (needs toe[sign]).", metavar="KEY"),
        STATE_DIRECTORY,
        SUMMARY,
        QUIET,
    ),
    arguments="IMAGE FILE",
)
PIPELINE = Command(
    "pipeline",
    "Run a pipeline of Image Builder, or have systemd run it.",
    """Run an image pipeline of EC2 Image Builder on this machine, or install a timer that does.

    FILE is a CloudFormation template with an AWS::ImageBuilder::ImagePipeline, its recipe and its configurations, or a
    folder of what 'aws imagebuilder create-... --cli-input-json' takes. 'run' builds and tests the image; the logs are
    copied to S3 where the infrastructure configuration says so. What of it means nothing here is said. 'install' writes
    a timer and a service of systemd from the schedule: units of the system for root, else the user's own; 'list' shows
    them, 'uninstall NAME' removes them. One JSON object, the result of a run, goes to stdout; all else to stderr.

    Exit code: 0 success, also where a timer came and nothing was to be done; 1 failed, 2 nothing was run, 128+n stopped
    by signal n.
    """,
    (
        Option("resource", "The pipeline in a file that has several.", metavar="NAME"),
        TEMPLATE_PARAMETERS,
        Option("images-file", "What recipes cannot say; default: toe-images.yml beside the recipe.", metavar="FILE"),
        Option("scheduled", "run: a timer asks, and the schedule's rules hold (what 'install' writes).", flag=True),
        Option("dry-run", "install: print the units, and write nothing.", "n", flag=True),
        Option("format", "list: text (the default) or json.", "f", "NAME"),
        Option("env", "Variables of this environment that components get.", metavar="A,B", many=True),
        Option("platform", "Another platform than this machine's, such as linux/arm64.", metavar="OS/ARCH"),
        ENGINE,
        ISOLATION,
        Option("log-directory", "Where the log folders go; default: below the state directory.", "l", "DIR"),
        STATE_DIRECTORY,
        SUMMARY,
        SHOW_OUTPUT,
        QUIET,
    ),
    arguments="run|install|list|uninstall [FILE]",
)
COMMANDS = {
    command.name: command
    for command in (
        RUN,
        PLAN,
        RESUME,
        STATUS,
        ABANDON,
        REPORT,
        FOLLOW,
        TEST,
        BUILD,
        VALIDATE,
        EXPLAIN,
        ACTIONS,
        SCHEMA,
        NEW,
        INIT,
        COMPLETION_SCRIPT,
        LSP,
        BUNDLE,
        SSM_DOCUMENT,
        IMAGES,
        DISTRIBUTE,
        PIPELINE,
    )
}
