"""The codes of the problems that reading a file can have: `TOE1xx`, each with a short title.

Codes are stable: a code that is no longer used is not given out again.
"""

from __future__ import annotations

SYNTAX = "TOE101"
DUPLICATE_KEY = "TOE102"
UNQUOTED_EXPRESSION = "TOE103"
TAB = "TOE104"
ESCAPE = "TOE105"
UNQUOTED_TEXT = "TOE106"
SECOND_DOCUMENT = "TOE107"
CYCLIC_ALIAS = "TOE108"
EXPLODING_ALIAS = "TOE109"
UNKNOWN_ALIAS = "TOE110"
TAG = "TOE111"
TOO_DEEP = "TOE112"
TOO_LARGE = "TOE113"
ENCODING = "TOE114"
CONTROL_CHARACTER = "TOE115"
EMPTY = "TOE116"
KEY_NOT_TEXT = "TOE117"
MERGE = "TOE118"

TITLES: dict[str, str] = {
    SYNTAX: "not valid YAML",
    DUPLICATE_KEY: "duplicate key",
    UNQUOTED_EXPRESSION: "unquoted expression",
    TAB: "tab as indentation",
    ESCAPE: "unknown escape in double quotes",
    UNQUOTED_TEXT: "text that needs quotes",
    SECOND_DOCUMENT: "second document in the file",
    CYCLIC_ALIAS: "alias inside of its own anchor",
    EXPLODING_ALIAS: "aliases that expand to too much",
    UNKNOWN_ALIAS: "alias without an anchor",
    TAG: "unknown tag",
    TOO_DEEP: "nested too deeply",
    TOO_LARGE: "file too large",
    ENCODING: "neither UTF-8 nor UTF-16",
    CONTROL_CHARACTER: "control character",
    EMPTY: "empty file",
    KEY_NOT_TEXT: "key that is not a text",
    MERGE: "merge of something that is not a mapping",
}
