"""Which packages go into a bundle: what the installed ones say of each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from toe.bundle.distributions import needed_distributions
from toe.errors import ToeError

INSTALLED = {
    "toe-executor": ["one", 'other[fast]; extra == "big"', 'elsewhere; sys_platform == "nowhere"'],
    "one": [],
    "other": ['third[slow]; extra == "fast"', 'unasked; extra == "rare"'],
    "third": ['other[fast]; extra == "slow"', "toe-executor"],
}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is searched first, with nothing of packages but what they say of themselves."""
    for name, requirements in INSTALLED.items():
        folder = tmp_path / f"{name.replace('-', '_')}-1.0.dist-info"
        folder.mkdir()
        lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", "Provides-Extra: big"]
        (folder / "METADATA").write_text("\n".join([*lines, *(f"Requires-Dist: {one}" for one in requirements), ""]))
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def needed(*extras: str) -> list[str]:
    return [distribution.metadata["Name"] for distribution in needed_distributions(extras)]


@pytest.mark.usefixtures("installed")
def test_an_extra_brings_its_packages_and_theirs_also_where_these_ask_for_each_other() -> None:
    assert needed() == ["one"]
    assert needed("big") == ["one", "other", "third"]


def test_a_package_that_is_missing_is_named_with_the_way_to_get_it(installed: Path) -> None:
    (installed / "third-1.0.dist-info" / "METADATA").unlink()
    (installed / "third-1.0.dist-info").rmdir()
    with pytest.raises(ToeError, match="the package 'third' is not installed"):
        needed("big")


@pytest.mark.usefixtures("installed")
def test_an_extra_that_toe_does_not_have_is_named() -> None:
    with pytest.raises(ToeError, match="toe has no extra 'huge'"):
        needed("huge")
