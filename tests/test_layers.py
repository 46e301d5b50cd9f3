"""Imports go down only, and only toe/system asks which operating system this is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "toe"
#: What stands on one line may not import each other; what is not named stands below all (errors, model, events ...).
LAYERS = (
    {"system"},
    {"aws", "document", "expressions", "secrets"},
    {"sinks"},
    {"actions"},
    {"bundle", "check", "report"},
    {"engine"},
    {"session"},
    {"api"},
    {"cli", "__main__", "__init__"},
)
LEVEL = {part: level for level, parts in enumerate(LAYERS, start=1) for part in parts}


def modules() -> Iterator[tuple[Path, str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        yield path, part, ast.parse(path.read_text())


def imported_parts(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("toe."):
            yield (node.module or "").split(".")[1]
        elif isinstance(node, ast.ImportFrom) and node.module == "toe":
            yield from (alias.name for alias in node.names)


def test_imports_go_down_only() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)} imports toe.{other}"
        for path, part, tree in modules()
        if part not in ("__init__", "__main__")
        for other in imported_parts(tree)
        if other != part and LEVEL.get(other, 0) >= LEVEL.get(part, 0) and LEVEL.get(other, 0) > 0
    ]
    assert wrong == []


def test_only_the_system_package_asks_for_the_operating_system() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path, part, tree in modules()
        if part != "system"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in {("sys", "platform"), ("os", "name")}
    ]
    assert wrong == []
