"""The commands of images: from a recipe to what is distributed."""

from __future__ import annotations

from toe.cli.command import Command, Option
from toe.cli.options.shared import (
    ENGINE,
    FETCH,
    ISOLATION,
    NETWORK,
    QUIET,
    SHOW_OUTPUT,
    STATE_DIRECTORY,
    SUMMARY,
    TEMPLATE_PARAMETERS,
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
    signed it. Of an image in a registry, oci://HOST/PATH:TAG or @sha256:..., it checks the one that lies beside it.

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

_CACHE = (
    Option("no-cache", "Make all layers anew.", flag=True),
    Option("cache-from", "Take layers from this registry, by the digests in toe-images.lock.", metavar="REGISTRY"),
    Option("cache-to", "Push layers to this registry; toe-images.lock gets their digests.", metavar="REGISTRY"),
    Option("refresh", "Make the layers of these components anew.", metavar="A,B", many=True),
)
_FETCH = FETCH._replace(
    help="Fetch images that a template names, and components, from Image Builder (toe[aws]), S3 and the web."
)
_SEVERITY = Option(
    "fail-on-severity",
    "Scan the image by grype or trivy; from this severity on (LOW to CRITICAL) it is not distributed.",
    metavar="LEVEL",
)

_SIGN = Option("sign", "Sign the statement of the image with this private key, PEM (needs toe[sign]).", metavar="KEY")

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
    phases run in a new machine that boots from the file: by the base's kernel, with --bootable efi by its own loader.

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
        NETWORK._replace(help="With --format: the machines get a network, by qemu's user mode; default: none."),
        Option("bootable", "With --format: 'efi' makes a disk of a root file system that starts by UEFI.", "", "efi"),
        _FETCH,
        *_CACHE,
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
        _SEVERITY,
        _SIGN,
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
        *_CACHE,
        _FETCH,
        _SEVERITY,
        _SIGN,
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

COMMANDS = {command.name: command for command in (IMAGES, BUILD, DISTRIBUTE, PIPELINE)}
