"""What a secret that somebody wrote into a text looks like. Finds places; what is said of them is not known here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from toe.records import NamedTuple

#: In lower case, what each text holds that gives a secret a name.
_NAME_WORDS = (
    "passw passphrase pwd secret token api_key api-key apikey access_key access-key accesskey private_key private-key "
    "privatekey securestring"
).split()


class FoundSecret(NamedTuple):
    """A secret at `start` to `end` of a text. `label` says what it looks like and shows nothing of it."""

    start: int
    end: int
    label: str


_NAME = (
    r"password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key"
    r"|secret[_-]?access[_-]?key"
)
_SECRET_NAME = re.compile(rf"(?i)(?:{_NAME})$")

# Every quantifier is bounded or stops at a character of its own, so that each search is linear.
_ASSIGNED = re.compile(
    rf"(?i)(?:{_NAME})(?P<quote>[\"']?)\]?(?P<before>[ \t]{{0,8}})(?:=(?!=)|:(?![=:]))(?P<after>[ \t]{{0,8}})"
    r"(?:\\?\"(?P<double>[^\"\\\n]{1,200})\\?\"|'(?P<single>[^'\n]{1,200})'|(?P<plain>[^\s\"'`;,|)\]}\\]{1,200}))"
)
_OPTION = re.compile(
    r"(?i)(?:^|(?<=[\s\"']))--?(?:password|passwd|passphrase|token|api-?key)[ \t]{1,8}"
    r"(?:\"(?P<double>[^\"\\\n]{1,200})\"|'(?P<single>[^'\n]{1,200})'|(?P<plain>[^\s\"'`;,|)\]}\\&<>]{1,200}))"
)
_SECURE_STRING = re.compile(
    r"(?i)ConvertTo-SecureString[ \t]{1,8}(?:-String[ \t]{1,8})?[\"'](?P<single>[^\"'\n]{1,200})[\"']"
)
_URL_PASSWORD = re.compile(r"://[^\s/:@\"'<>${}]{1,100}:(?P<plain>[^\s/@\"'<>${}]{1,200})@")
_KEY_BLOCK = re.compile(
    r"-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY-----(?:\s|\\n){1,20}(?=[A-Za-z0-9+/=]{16})"
    r"[^-]{0,20000}(?:-----END [A-Z ]{0,24}KEY-----)?"
)
_KNOWN_FORMS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("AKIA", "an AWS access key id", re.compile(r"\bAKIA[A-Z0-9]{16}\b")),
    ("ASIA", "an AWS access key id", re.compile(r"\bASIA[A-Z0-9]{16}\b")),
    ("gh", "a GitHub token", re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}")),
    ("github_pat_", "a GitHub token", re.compile(r"\bgithub_pat_[A-Za-z0-9_]{22,100}")),
    ("glpat-", "a GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{20}")),
    ("xox", "a Slack token", re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,100}")),
    ("AIza", "a Google API key", re.compile(r"\bAIza[A-Za-z0-9_-]{35}")),
    ("sk_live_", "a Stripe key", re.compile(r"\bsk_live_[A-Za-z0-9]{16,100}")),
)

_PLACEHOLDERS = frozenset(
    "true false yes no none null nil undefined required optional disabled enabled default password passwd passphrase "
    "secret token string text value string! stringlist changeme change_me change-me example placeholder redacted dummy "
    "todo tbd empty unset prompt stdin".split()
)
_PLACEHOLDER_STARTS = tuple("your my_ my- < xxx example insert replace changeme placeholder ...".split())
#: Paths, addresses of secrets, options, and what a program replaces.
_NO_LITERAL_STARTS = tuple("/~.-=?+$@%<*{([!|&#,:\\")
_ADDRESSES = ("arn:", "s3:", "http:", "https:", "file:", "ssm:", "env:", "vault:", "secretsmanager:", "resolve:")
_REPLACED = re.compile(r"\$|\{\{|<[^>]*>|%[A-Za-z_]+%|\*\*|`")
_ATTRIBUTE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_ENVIRONMENT_NAME = re.compile(r"[A-Z]+(?:_[A-Z]+)+")
#: `Jumphost/RdpUser`, `prod/my-app/db_password2`: words, with digits at their ends alone, and slashes between some.
_WORDS = r"(?=[A-Za-z]{2})(?:[a-z]{2,})?(?:[A-Z]+[a-z]{2,})*(?:[A-Z]{2,})?[0-9]{0,4}"
_SECRET_PATH = re.compile(rf"{_WORDS}(?:[-_.]{_WORDS})*(?:/{_WORDS}(?:[-_.]{_WORDS})*)+")
_SECRET_ID = re.compile(rf"{_WORDS}(?:[-_./]{_WORDS})*")
#: `PasswordSecret` is the secret that holds the password: its value is the name of that.
_HOLDER_NAME = re.compile(r"(?i)(?:password|passwd|passphrase|pwd|token|key|credentials?|login|user)[_-]?secret$")
_NAME_PART = re.compile(r"[\w-]+")
_SHORTEST = 4
_LONGEST_ID = 512


def secrets_in(text: str) -> Iterator[FoundSecret]:
    """The secrets in a text, in no order; some may overlap."""
    for prefix, label, pattern in _KNOWN_FORMS:
        for found in pattern.finditer(text) if prefix in text else ():
            if "EXAMPLE" not in found[0]:
                yield FoundSecret(*found.span(), label)
    if "PRIVATE KEY-----" in text:
        for found in _KEY_BLOCK.finditer(text):
            yield FoundSecret(*found.span(), "a private key")
    lowered = text.lower()
    if any(word in lowered for word in _NAME_WORDS):
        yield from _assigned(text)
    for found in _URL_PASSWORD.finditer(text) if "@" in text else ():
        if _is_literal(found["plain"]):
            yield FoundSecret(*found.span("plain"), "the password of an address")


def _assigned(text: str) -> Iterator[FoundSecret]:
    for pattern in (_ASSIGNED, _OPTION, _SECURE_STRING):
        for found in pattern.finditer(text):
            group = next(name for name in ("double", "single", "plain") if found.groupdict().get(name) is not None)
            if not _is_comment(text, found.start()) and not _is_holder(text, found, group) and _is_value(found, group):
                yield FoundSecret(*found.span(group), "a literal password, secret or token")


def _is_comment(text: str, start: int) -> bool:
    line_start = text.rfind("\n", max(0, start - 1000), start) + 1
    return text.startswith("#", line_start) or text[line_start : line_start + 200].lstrip().startswith("#")


def _is_holder(text: str, found: re.Match[str], group: str) -> bool:
    """Whether the value is the name of the secret that holds it."""
    name = _NAME_PART.match(text, found.start())
    before = text[max(0, found.start() - 40) : name.end() if name else found.start()]
    return bool(_HOLDER_NAME.search(before)) and _SECRET_ID.fullmatch(found[group]) is not None


def _is_value(found: re.Match[str], group: str) -> bool:
    value = found[group]
    if group != "plain":
        return _is_literal(value)
    # `NAME=value` is a shell's; elsewhere (`passwd: files`, `token = next(...)`) a plain word is often no value.
    parts = found.groupdict()
    is_shell = parts.get("after") == "" and parts.get("before") == "" and ":" not in found[0][: -len(value)]
    if not is_shell and (not re.search("[0-9]", value) or "(" in value):
        return False
    return "(" not in value and _is_literal(value)


def is_secret_name(name: str) -> bool:
    """Whether the name of a parameter or a key ends like that of a secret's value: not `TokenFile`, `SecretArn`."""
    return _SECRET_NAME.search(name) is not None


def is_literal_secret(name: str, value: str) -> bool:
    """Whether the value under such a name is a literal, and no placeholder, path, address or name of a secret."""
    value = value.strip()
    if _HOLDER_NAME.search(name) and _SECRET_ID.fullmatch(value[:_LONGEST_ID]):
        return False
    return _is_literal(value)


def _is_literal(value: str) -> bool:
    lowered = value.lower()
    if len(value) < _SHORTEST or value.startswith(_NO_LITERAL_STARTS) or lowered in _PLACEHOLDERS:
        return False
    if lowered.startswith(_PLACEHOLDER_STARTS) or lowered.startswith(_ADDRESSES) or _REPLACED.search(value):
        return False
    if len(set(lowered)) < 3 or _ENVIRONMENT_NAME.fullmatch(value):
        return False
    return _ATTRIBUTE.fullmatch(value) is None and _SECRET_PATH.fullmatch(value[:_LONGEST_ID]) is None
