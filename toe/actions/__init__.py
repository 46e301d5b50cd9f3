"""The table of action modules: what exists, in the order of the reference, and where it lives.

A module is imported when a document names its action, so that a run pays only for what it uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module

from toe.actions.base import Definition
from toe.quick_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

#: action -> module under toe.actions; the definition has the module's name.
TABLE: Mapping[str, str] = {
    "Assert": "assert_condition",
    "ExecuteBash": "execute_bash",
    "ExecuteBinary": "execute_binary",
    "ExecuteDocument": "execute_document",
    "ExecutePowerShell": "execute_powershell",
    "S3Download": "s3_download",
    "S3Upload": "s3_upload",
    "WebDownload": "web_download",
    "AppendFile": "append_file",
    "CopyFile": "copy_file",
    "CopyFolder": "copy_folder",
    "CreateFile": "create_file",
    "CreateFolder": "create_folder",
    "CreateSymlink": "create_symlink",
    "DeleteFile": "delete_file",
    "DeleteFolder": "delete_folder",
    "ListFiles": "list_files",
    "MoveFile": "move_file",
    "MoveFolder": "move_folder",
    "ReadFile": "read_file",
    "SetFileEncoding": "set_file_encoding",
    "SetFileOwner": "set_file_owner",
    "SetFolderOwner": "set_folder_owner",
    "SetFilePermissions": "set_file_permissions",
    "SetFolderPermissions": "set_folder_permissions",
    "InstallMSI": "install_msi",
    "UninstallMSI": "uninstall_msi",
    "Reboot": "reboot",
    "SetRegistry": "set_registry",
    "UpdateOS": "update_os",
}

ENTRY_POINT_GROUP = "toe.actions"


class ActionTable:
    """The actions of a run: the built-in ones, those given as an argument, and those of entry points.

    Built-in names cannot be replaced. Entry points (group `toe.actions`, each naming a `Definition`) are looked up
    only for a name that is found nowhere else, because reading them costs more than a whole small run.
    """

    def __init__(self, extra: Iterable[Definition] = ()) -> None:
        self._found: dict[str, Definition] = {definition.name: definition for definition in extra}
        self._plugins: Mapping[str, EntryPoint] | None = None

    def find(self, name: str) -> Definition | None:
        """The definition of action `name`, None when nobody has one."""
        if name in TABLE:
            module = TABLE[name]
            definition: Definition = getattr(import_module(f"toe.actions.{module}"), module)
            return definition
        return self._found.get(name) or self._plugin(name)

    def names(self) -> tuple[str, ...]:
        """Every name that is known without reading entry points, built-in ones first."""
        return (*TABLE, *(name for name in self._found if name not in TABLE))

    def _plugin(self, name: str) -> Definition | None:
        if self._plugins is None:
            from importlib.metadata import entry_points

            self._plugins = {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
        definition = self._plugins[name].load() if name in self._plugins else None
        if not isinstance(definition, Definition):
            return None
        self._found[name] = definition
        return definition
