"""`toe images`: what was built, one of them, and what goes: by name, or by age and by a lifecycle policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toe.cli.order import template_parameters
from toe.cli.signals import stop_on_signals
from toe.cli.summary import harmless_json
from toe.cli.terminal import printed, say_line
from toe.document.suggest import did_you_mean
from toe.errors import EXIT_FAILED, EXIT_SIGNAL_BASE, Interrupted, Problem, ToeError
from toe.images.keeping.catalog import Entry
from toe.images.keeping.find import find_entry
from toe.images.keeping.inventory import Inventory, inventory_of, plan_of_prune, prune, remove_entries
from toe.images.keeping.policy import Chosen, Policy, chosen_by
from toe.images.keeping.policy_file import read_policy
from toe.images.keeping.text import (
    disk_json,
    disks_text,
    entry_json,
    list_text,
    prune_json,
    prune_lines,
    shown_json,
    shown_text,
)
from toe.images.plan import DEFAULT_MAX_AGE_SECONDS
from toe.images.provenance.keeping import Verified
from toe.images.side_reader import duration_seconds
from toe.images.store import Store, store_in
from toe.system.cancellation import Cancellation
from toe.system.state_directory import state_directory

VERBS = ("show", "verify", "rm", "prune")
FORMATS = ("text", "json")
#: The options that belong to `prune` alone.
_OF_PRUNE = ("policy", "resource", "parameters", "max_age", "dry_run")


def images(options: Mapping[str, Any]) -> int:
    """Carry out `toe images` with the values of its options (toe.cli.options) and return the exit code."""
    verb, *words = options["paths"] or ("",)
    if verb and verb not in VERBS:
        raise ToeError(f"unknown: 'toe images {verb}'{did_you_mean(verb, VERBS)}", hint=f"there are {', '.join(VERBS)}")
    if options["format"] not in (None, *FORMATS):
        raise ToeError(f"unknown format '{options['format']}'", hint=f"formats: {', '.join(FORMATS)}")
    for key in _OF_PRUNE:
        if options[key] and verb != "prune":
            raise ToeError(f"--{key.replace('_', '-')} belongs to 'toe images prune'")
    store = store_in(state_directory(options["state_directory"] or "", "."))
    as_json = options["format"] == "json"
    if verb == "prune":
        return _prune(store, words, options, as_json=as_json)
    if verb == "rm":
        return _remove(store, words, as_json=as_json)
    if options["key"] and verb != "verify":
        raise ToeError("--key belongs to 'toe images verify'")
    if verb == "verify":
        return _verify(store, words, options["key"] or "", as_json=as_json)
    if verb == "show":
        return _show(store, words, as_json=as_json)
    return _list(inventory_of(store), as_json=as_json)


def _list(inventory: Inventory, *, as_json: bool) -> int:
    """The images, and the layers of machine images: engines list those of containers."""
    there, disks = inventory.entries(), inventory.disks()
    if as_json:
        listed = {"images": [entry_json(entry) for entry in there], "disks": [disk_json(*disk) for disk in disks]}
        return printed(harmless_json(listed))
    if not there:
        say_line("no image was built yet: toe build RECIPE")
    tables = [list_text(there)] if there else []
    return printed("\n".join([*tables, *filter(None, [disks_text(disks)])]))


def _show(store: Store, words: Sequence[str], *, as_json: bool) -> int:
    if len(words) != 1:
        raise ToeError("'toe images show' takes one image", hint="'toe images' lists them")
    entry = find_entry(words[0], inventory_of(store).entries())
    return printed(harmless_json(shown_json(entry)) if as_json else shown_text(entry))


def _verify(store: Store, words: Sequence[str], key: str, *, as_json: bool) -> int:
    from toe.images.provenance.beside import SCHEMES, verify_in_registry
    from toe.images.provenance.keeping import verify

    if len(words) != 1:
        raise ToeError("'toe images verify' takes one image", hint="'toe images' lists them")
    if words[0].startswith(SCHEMES):
        image, there = verify_in_registry(words[0], _stoppable(), key)
        what = f"{image.name}@{image.digest}: the statement beside it is about this image"
        return printed(_verified_text(image.digest, what, there, as_json=as_json))
    entry = find_entry(words[0], inventory_of(store).entries())
    found = verify(store, entry.newest, key)
    if entry.is_known and entry.stocked is None:
        raise ToeError(f"the engine has no image {entry.image} any more", exit_code=EXIT_FAILED)
    what = f"{entry.described}: the statement says what the record says"
    return printed(_verified_text(entry.image, what, found, as_json=as_json))


def _verified_text(image: str, what: str, found: Verified, *, as_json: bool) -> str:
    if as_json:
        subjects = [subject._asdict() for subject in found.subjects]
        return harmless_json({"image": image, "signed": found.is_signed, "key": found.key, "subjects": subjects})
    how = f"signed by the key in '{found.key}'" if found.key else "signed, by whom was not asked (--key)"
    lines = [f"{what}, {how if found.is_signed else 'not signed'}"]
    lines += [f"  {subject.name} {subject.digest}" for subject in found.subjects]
    return "\n".join(lines) + "\n"


def _remove(store: Store, words: Sequence[str], *, as_json: bool) -> int:
    if not words:
        raise ToeError("'toe images rm' takes images", hint="'toe images' lists them")

    def choose(there: Sequence[Entry]) -> list[Entry]:
        found = {entry.newest.build: entry for entry in (find_entry(word, there) for word in words)}
        return list(found.values())

    cancellation = _stoppable()
    try:
        gone = remove_entries(inventory_of(store), choose, cancellation, _waits)
    except Interrupted:
        return _stopped(cancellation)
    if as_json:
        return printed(_json([entry_json(entry) for entry in gone]))
    return printed("".join(f"removed {entry.described}\n" for entry in gone))


def _prune(store: Store, words: Sequence[str], options: Mapping[str, Any], *, as_json: bool) -> int:
    if words:
        raise ToeError(f"'toe images prune' takes no image, such as '{words[0]}'", hint="toe images rm IMAGE")
    if not options["policy"] and (options["resource"] or options["parameters"]):
        raise ToeError("--resource and --parameters belong to --policy")
    max_age = duration_seconds(options["max_age"]) if options["max_age"] else DEFAULT_MAX_AGE_SECONDS
    if max_age is None:
        raise ToeError(f"--max-age cannot be '{options['max_age']}'", hint="a number and s, m, h, d or w, such as 7d")
    policy = _policy(options)

    def choose(there: Sequence[Entry], now: float) -> list[Chosen]:
        return chosen_by(policy, there, now) if policy else []

    inventory, refused = inventory_of(store), list[str]()
    if options["dry_run"]:
        pruning = plan_of_prune(inventory, choose, max_age)
    else:
        cancellation = _stoppable()
        try:
            pruning, refused = prune(inventory, choose, max_age, cancellation, _waits)
        except Interrupted:
            return _stopped(cancellation)
    lines = list(prune_lines(pruning, is_dry=bool(options["dry_run"])))
    for line in refused:
        say_line(f"toe: error: {line}")
    text = "".join(f"{line}\n" for line in lines) or "nothing to remove\n"
    shown = harmless_json(prune_json(pruning, refused, is_dry=bool(options["dry_run"]))) if as_json else text
    return printed(shown) or (EXIT_FAILED if refused else 0)


def _policy(options: Mapping[str, Any]) -> Policy | None:
    if not options["policy"]:
        return None
    given = template_parameters(options["parameters"])
    policy, problems = read_policy(options["policy"], resource=options["resource"] or "", parameters=given)
    _tell(problems)
    if not policy.is_enabled:
        say_line(f"toe: the policy '{policy.name}' is disabled: it removes nothing")
    return policy


def _tell(problems: Sequence[Problem]) -> None:
    for problem in problems:
        say_line(f"{problem.place}: {problem.severity}: {problem.message}")


def _stoppable() -> Cancellation:
    """Signals stop between two removals, each of which is whole."""
    cancellation = Cancellation()
    stop_on_signals(cancellation)
    return cancellation


def _stopped(cancellation: Cancellation) -> int:
    say_line(f"toe: stopped {cancellation.described}: what was removed is gone, the rest is whole")
    return EXIT_SIGNAL_BASE + cancellation.signal if cancellation.signal else EXIT_FAILED


def _waits() -> None:
    say_line("toe: waits for a build or another removal that is under way")


def _json(items: list[dict[str, Any]]) -> str:
    return harmless_json({"images": items})
