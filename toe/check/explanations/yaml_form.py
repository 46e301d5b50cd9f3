"""Explanations of the problems of YAML itself."""

from __future__ import annotations

from toe import codes
from toe.check.explanations.examples import GOOD, Explanation, bash, bombs

YAML: dict[str, Explanation] = {
    codes.SYNTAX: Explanation(
        "The file is not valid YAML. The position is where the YAML reader gave up; the cause is there or just before.",
        "schemaVersion: 1.0\nphases: [\n",
        GOOD,
    ),
    codes.DUPLICATE_KEY: Explanation(
        "A key stands twice in one mapping. YAML readers keep the last one silently, so half of it would be ignored.",
        "- name: One\n  name: Two\n  action: UpdateOS\n",
        "- name: One\n  action: UpdateOS\n",
    ),
    codes.UNQUOTED_EXPRESSION: Explanation(
        "YAML reads unquoted double braces at the start of a value as nested mappings. Quote the whole value.",
        bash("{{ Host }}"),
        bash("'{{ Host }}'"),
    ),
    codes.TAB: Explanation(
        "YAML does not allow tabs as indentation. Use spaces.",
        "schemaVersion: 1.0\nphases:\n\t- name: build\n",
        GOOD,
    ),
    codes.ESCAPE: Explanation(
        "In double quotes a backslash starts an escape, which a Windows path is not. Use single quotes.",
        bash('"C:\\Temp"'),
        bash("'C:\\Temp'"),
    ),
    codes.UNQUOTED_TEXT: Explanation(
        "A text starts with a character that means something in YAML, or holds `: `. Quote the whole text.",
        bash("echo done: it is: so"),
        bash("'echo done: it is: so'"),
    ),
    codes.SECOND_DOCUMENT: Explanation(
        "A file holds one component document. Put the second one into a file of its own.",
        GOOD + "---\n" + GOOD,
        GOOD,
    ),
    codes.CYCLIC_ALIAS: Explanation(
        "An alias refers to a place around itself, so the document would never end.",
        "schemaVersion: 1.0\nphases: &p [*p]\n",
        GOOD,
    ),
    codes.EXPLODING_ALIAS: Explanation(
        "Aliases of aliases multiply to more than any real document holds.",
        bombs(9) + "phases: *a8\n",
        GOOD,
    ),
    codes.UNKNOWN_ALIAS: Explanation(
        "An alias `*name` needs an anchor `&name` before it. A text that starts with `*` must be quoted.",
        bash("*.txt"),
        bash("'*.txt'"),
    ),
    codes.TAG: Explanation(
        "Tags such as `!!python/object` or `!Sub` ask the reader to build something else. A document has plain values.",
        bash("!Sub echo"),
        bash("echo"),
    ),
    codes.TOO_DEEP: Explanation(
        "The document is nested deeper than any real one.", "phases: " + "[" * 2000 + "]" * 2000 + "\n", GOOD
    ),
    codes.ENCODING: Explanation(
        "The file is neither UTF-8 nor UTF-16 with a byte-order mark. Save it as UTF-8.", "", GOOD
    ),
    codes.TOO_LARGE: Explanation("The file is larger than any real component document.", "", GOOD),
    codes.CONTROL_CHARACTER: Explanation(
        "YAML allows no control characters. In a double-quoted text write an escape, such as `\\x1b`.",
        bash("echo \x1b[1m"),
        bash('"echo \\x1b[1m"'),
    ),
    codes.EMPTY: Explanation("There is nothing in the file.", "# only a comment\n", GOOD),
    codes.KEY_NOT_TEXT: Explanation("A key is a list or a mapping.", "? [a, b]\n: c\n", GOOD),
    codes.MERGE: Explanation(
        "`<<` merges mappings into a mapping, and nothing else.",
        "- name: One\n  action: UpdateOS\n  <<: text\n",
        "- name: One\n  action: UpdateOS\n",
    ),
}
