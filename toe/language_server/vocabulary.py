"""What may stand at a place of a document, and what it is: from the JSON Schema that is made of the definitions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property

from toe.actions import ActionTable
from toe.actions.base import Definition
from toe.check.reference import section
from toe.check.schema import component_schema, definitions_of
from toe.check.schema_inputs import Schema
from toe.check.schema_steps import step_name
from toe.language_server.line_reader import ITEM, STEP
from toe.records import NamedTuple

_INPUTS = (*STEP, "inputs")


class Key(NamedTuple):
    """A key that a mapping may have, with the schema of what stands behind it."""

    name: str
    schema: Schema
    required: bool

    @property
    def is_collection(self) -> bool:
        """Whether a mapping or a list stands behind it, and never a text."""
        kinds = self.schema.get("type", "object" if "properties" in self.schema else "string")
        return not {"string", "boolean", "integer"} & set([kinds] if isinstance(kinds, str) else kinds)


class Vocabulary:
    """The keys and words of the document language. Reading all of the actions takes a moment, and is done once."""

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """The actions by their names."""
        return {definition.name: definition for definition in definitions_of(ActionTable())}

    @cached_property
    def _schema(self) -> Schema:
        return component_schema(self.definitions.values())

    def at(self, path: tuple[str, ...], action: str = "") -> Schema:
        """The schema of what stands at a path, in a step with this action; {} where nothing is known of it."""
        schema = self._resolved(self._schema)
        for depth, part in enumerate(path, 1):
            if path[:depth] == _INPUTS:
                schema = self._schema["$defs"].get(step_name(action), {}).get("properties", {}).get("inputs", {})
            elif part == ITEM:
                schema = schema.get("items", {})
            else:
                others = schema.get("additionalProperties")
                schema = schema.get("properties", {}).get(part) or (others if isinstance(others, dict) else {})
            schema = self._resolved(schema)
        return schema

    def keys(self, schema: Schema) -> Iterator[Key]:
        """The keys of a mapping with this schema."""
        required = schema.get("required", ())
        for name, inner in schema.get("properties", {}).items():
            yield Key(name, self._resolved(inner), name in required)

    def _resolved(self, schema: Schema) -> Schema:
        """A schema without references and without the words for "or nothing"."""
        for branch in ("else", "then"):
            if "$ref" in schema.get(branch, {}) and schema.get("if", {}).get("type") in ("null", "object"):
                schema = {**schema, "$ref": schema[branch]["$ref"]}
                break
        if "$ref" not in schema:
            return schema
        found = self._schema
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        own = {key: value for key, value in schema.items() if key not in ("$ref", "if", "then", "else")}
        return {**self._resolved(found), **own}


def words_of(schema: Schema) -> list[str]:
    """The words of which one must stand there, or examples of what may, as a document writes them."""
    words = [word for word in schema.get("enum", ()) if word is not None]
    for choice in schema.get("anyOf", ()):
        words += [word for word in choice.get("enum", ()) if word is not None]
    kinds = schema.get("type", ())
    if not words and "boolean" in kinds and "number" not in kinds:
        words = [True, False]
    words = words or [word for word in schema.get("examples", ()) if isinstance(word, (str, int))]
    return list(dict.fromkeys(word if isinstance(word, str) else json.dumps(word) for word in words))


def described(name: str, schema: Schema, *, required: bool = False) -> str:
    """What a key is, as Markdown."""
    notes = ["required"] if required else []
    if schema.get("default") not in (None, "", []):
        notes.append(f"default `{_written(schema['default'])}`")
    lines = [f"**{name}**" + (f" ({', '.join(notes)})" if notes else ""), schema.get("description", "")]
    if schema.get("enum"):
        lines.append("One of " + ", ".join(f"`{_written(word)}`" for word in schema["enum"] if word is not None) + ".")
    return "\n\n".join(line for line in lines if line)


def action_described(definition: Definition) -> str:
    """What an action is, as Markdown: its section of the reference page."""
    return section(definition)


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
