"""What a project says of its documents' checks: `[tool.toe]` in pyproject.toml, or `.toe.toml`.

Here is what the settings mean. `settings_file` reads them, `toe.check.project` knows which file holds for a document.
"""

from __future__ import annotations

import os
from fnmatch import fnmatch

from toe.check.lint.shellcheck import shellcheck_code
from toe.errors import Problem, Severity
from toe.records import NamedTuple

PLATFORMS = ("linux", "windows", "darwin")
PROFILES = ("imagebuilder",)
#: Whose errors do not stop a run: lint, and Image Builder's rules.
HARMLESS = ("TOE5", "TOE6")


class Settings(NamedTuple):
    """The settings of one file. `select` and `ignore` hold codes or beginnings of codes, in capitals.

    `exclude` are patterns of paths below `folder`, in which the file `path` is; both are "" where there is no file.
    """

    path: str = ""
    folder: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    profile: str = ""
    platforms: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def keeps(self, problem: Problem) -> bool:
        """Whether a problem is told: it is selected and not ignored, or it stops the document from running."""
        if stops_a_run(problem):
            return True
        codes = (problem.code, shellcheck_code(problem))
        selected = not self.select or any(code.startswith(self.select) for code in codes)
        return selected and not any(code.startswith(self.ignore) for code in codes if code)

    def excludes(self, path: str) -> bool:
        """Whether a pattern of `exclude` covers a file, one of its folders or, without a slash, one of their names."""
        if not self.exclude:
            return False
        relative = os.path.relpath(os.path.abspath(path), self.folder).replace(os.sep, "/")
        names = relative.split("/")
        if names[0] == "..":
            return False
        wholes = ["/".join(names[: count + 1]) for count in range(len(names))]
        for pattern in self.exclude:
            wanted = pattern.removeprefix("./").strip("/")
            candidates = wholes if "/" in wanted else [*names, *wholes]
            # '**/' stands for no folder as well
            if any(fnmatch(one, form) for one in candidates for form in (wanted, wanted.replace("**/", ""))):
                return True
        return False


NO_SETTINGS = Settings()


def stops_a_run(problem: Problem) -> bool:
    """Whether `toe run` refuses a document with this problem."""
    return problem.severity is Severity.ERROR and not problem.code.startswith(HARMLESS)
