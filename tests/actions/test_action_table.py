"""Which actions there are, and how others add theirs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import toe
from toe.actions import TABLE, ActionTable
from toe.errors import ActionError

if TYPE_CHECKING:
    from local_actions import Actions

PLUGIN = '''
from typing import Annotated, NamedTuple

import toe


class Inputs(NamedTuple):
    name: Annotated[str, toe.Doc("Whom to greet.")]


@toe.action("Greet", Inputs)
def greet(inputs, ctx):
    """Greet somebody."""
    ctx.print(f"hello {inputs.name}")
'''


def test_every_action_of_the_table_has_its_name_and_a_summary() -> None:
    table = ActionTable()
    for name in TABLE:
        definition = table.find(name)
        assert definition is not None
        assert definition.name == name
        assert definition.summary
        assert all(field.doc.text for field in definition.fields)


def test_inputs_that_are_paths_say_so() -> None:
    """Each action's paths with what they name; `*` where it is a wildcard."""
    table = ActionTable()
    found = {}
    for name in TABLE:
        definition = table.find(name)
        assert definition is not None
        paths = [field for field in definition.fields if field.doc.path]
        found[name] = {field.key: field.doc.path + "*" * field.doc.wildcard for field in paths}
    moved = {"source": "any*", "destination": "destination"}
    assert {name: paths for name, paths in found.items() if paths} == {
        "ExecuteBinary": {"path": "unchecked"},
        "ExecuteDocument": {"document": "unchecked"},
        "ExecutePowerShell": {"file": "unchecked"},
        "S3Download": {"source": "unchecked*", "destination": "any"},
        "S3Upload": {"source": "any*", "destination": "unchecked"},
        "WebDownload": {"source": "unchecked", "destination": "destination"},
        **dict.fromkeys(("CopyFile", "MoveFile"), moved),
        **{name: {**moved, "source": "folder*"} for name in ("CopyFolder", "MoveFolder")},
        **{name: {"path": "file"} for name in ("AppendFile", "CreateFile", "ReadFile", "SetFileEncoding")},
        **{name: {"path": "file"} for name in ("SetFileOwner", "SetFilePermissions")},
        "CreateSymlink": {"path": "file", "target": "any"},
        "DeleteFile": {"path": "any*"},
        **{name: {"path": "folder"} for name in ("CreateFolder", "DeleteFolder", "ListFiles")},
        **{name: {"path": "folder"} for name in ("SetFolderOwner", "SetFolderPermissions")},
        **{name: {"path": "unchecked", "logFile": "unchecked"} for name in ("InstallMSI", "UninstallMSI")},
    }


@pytest.mark.parametrize("name", ["SetFileOwner", "SetFolderOwner", "SetFilePermissions", "SetFolderPermissions"])
def test_an_empty_path_is_found_before_the_run(act: Actions, name: str) -> None:
    assert act.faults(name, path="", owner="root", permissions="0644") == [("path", "'path' is empty")]
    with pytest.raises(ActionError, match="'path' is empty"):
        act(name, path="")


def test_an_entry_point_adds_an_action(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    (site / "greeter-1.0.dist-info").mkdir(parents=True)
    (site / "greeter.py").write_text(PLUGIN)
    (site / "greeter-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: greeter\nVersion: 1.0\n")
    (site / "greeter-1.0.dist-info" / "entry_points.txt").write_text("[toe.actions]\nGreet = greeter:greet\n")
    monkeypatch.syspath_prepend(str(site))
    Path("doc.yml").write_text(
        "schemaVersion: 1.0\nphases: [{name: build, steps: [{name: One, action: Greet, inputs: {name: Ada}}]}]\n"
    )
    result = toe.run("doc.yml", log_directory=tmp_path)
    assert result.status is toe.Status.SUCCESS
    (log,) = tmp_path.glob("TOE_*/console.log")
    assert "Stdout: hello Ada\n" in log.read_text()


def test_a_name_that_nobody_has_is_none() -> None:
    assert ActionTable().find("NoSuchAction") is None


def test_the_room_holds_actions_and_what_they_are_made_of() -> None:
    """What several actions share stands in the rooms beside them."""
    folder = Path(toe.__file__).parent / "actions"
    assert {path.stem for path in folder.glob("*.py")} == {"__init__", "base", "fields", "inputs", *TABLE.values()}
