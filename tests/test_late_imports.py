"""Imports stand at the top of a file, but for what a good document does not need: the start pays for each of them."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "toe"
HELLO = PACKAGE.parent / "examples" / "hello-world" / "component.yml"
#: What every run loads and still imports within a function, by the importing module and what it imports, and why.
LATE = {
    ("toe.__main__", "toe.cli.main"): "first, an interrupt is made to end the process without a traceback",
    ("toe.__main__", "toe.cli.terminal"): "as well",
    ("toe.check.lint.shellcheck", "shutil"): "where the user asks for no lint",
    ("toe.check.lint.shellcheck", "subprocess"): "where shellcheck is not installed",
    ("toe.check.lint.shellcheck", "tempfile"): "as well",
    ("toe.check.lint.shellcheck", "toe.system.host"): "as well",
    ("toe.cli.checking", "threading"): "as well: subprocess loads it",
    ("toe.engine.state.identity", "_sha256"): "other Pythons have hashlib alone",
    ("toe.session.logs", "toe.sinks.chaining"): "while the first process starts: that costs no time",
    ("toe.session.logs", "toe.sinks.detailed_output"): "as well",
    ("toe.session.logs", "toe.sinks.events_jsonl"): "as well",
    ("toe.session.logs", "toe.sinks.text_logs"): "as well",
    ("toe.system.files.locking", "fcntl"): "POSIX alone has it",
    ("toe.system.processes.child", "fcntl"): "POSIX alone has it",
    ("toe.system.processes.linux", "fcntl"): "POSIX alone has it, and the Windows tests load this module",
    ("toe.system.processes.linux", "_ctypes"): "embedded, toe adopts no processes and calls nothing of the system",
    ("toe.system.processes.pipe_reader", "fcntl"): "POSIX alone has it",
    ("toe.system.processes.posix", "toe.system.processes.linux"): "Linux alone has it",
}
#: Runs `toe` and tells which modules it has loaded when the process ends.
LOADED = """
import os, sys
end = os._exit
def tell(code):
    print(*sys.modules, file=sys.stderr)
    end(code)
os._exit = tell
from toe.__main__ import main
main()
"""


def loaded_by(command: str, folder: Path) -> set[str]:
    """The modules that `toe COMMAND` has loaded when it is done with a hello world."""
    argv = [sys.executable, "-c", LOADED, command, str(HELLO)]
    environment = {**os.environ, "TOE_STATE_DIRECTORY": str(folder / "state")}
    done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


def test_where_there_is_no_terminal_nothing_of_the_live_view_is_loaded(tmp_path: Path) -> None:
    loaded = loaded_by("run", tmp_path)
    assert "toe.sinks.progress_lines" in loaded
    assert {name for name in loaded if "live" in name or "github" in name or name == "threading"} == set()


def late_imports() -> Iterator[tuple[str, str, str]]:
    """Module, function, and the module that it imports."""
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                for name in imported(function):
                    yield module, function.name, name


def imported(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                is_module = (PACKAGE.parent / node.module.replace(".", "/") / f"{alias.name}.py").is_file()
                yield f"{node.module}.{alias.name}" if is_module else node.module


def test_only_what_a_good_document_does_not_need_is_imported_late(tmp_path: Path) -> None:
    runs = [loaded_by(command, tmp_path) for command in ("run", "validate")]
    needless = []
    for module, function, name in late_imports():
        its_runs = [loaded for loaded in runs if module in loaded]
        if its_runs and all(name in loaded for loaded in its_runs) and (module, name) not in LATE:
            needless.append(f"{module}.{function}: {name}")
    assert needless == []
