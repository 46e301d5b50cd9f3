"""Imports go down only, and only toe/system asks which operating system this is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
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
    {"api", "plan"},
    {"fleet", "images", "testing"},
    {"language_server"},
    {"cli", "__main__", "__init__"},
    {"pytest_plugin"},
)
LEVEL = {part: level for level, parts in enumerate(LAYERS, start=1) for part in parts}


@cache
def modules() -> list[tuple[Path, str, ast.Module]]:
    return [
        (path, path.relative_to(PACKAGE).parts[0].removesuffix(".py"), ast.parse(path.read_text()))
        for path in sorted(PACKAGE.rglob("*.py"))
    ]


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


def imported_modules(tree: ast.Module, known: set[str]) -> Iterator[str]:
    """Of the package, wherever they are imported: within functions and for type checkers too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "toe":
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in known else str(node.module)


def test_no_modules_import_each_other() -> None:
    names = {path: ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path, _, _ in modules()}
    names = {path: name.removesuffix(".__init__") for path, name in names.items()}
    known = set(names.values())
    TopologicalSorter({names[path]: set(imported_modules(tree, known)) for path, _, tree in modules()}).prepare()


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
