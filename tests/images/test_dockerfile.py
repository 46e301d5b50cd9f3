"""Dockerfile templates, parted at their components."""

from __future__ import annotations

import pytest

from toe.images.dockerfile import parted

USUAL = """\
FROM {{{ imagebuilder:parentImage }}}
{{{ imagebuilder:environments }}}
{{{ imagebuilder:components }}}
"""


def test_the_usual_template_is_nothing_but_the_components() -> None:
    template = parted(USUAL)
    assert (template.has_before, template.has_after) == (False, False)


def test_what_follows_is_built_on_the_components() -> None:
    template = parted(USUAL + '# the server\nENTRYPOINT ["/srv/run"]\n')
    assert template.has_after
    assert template.rest("debian:12", "image7") == 'FROM image7\n\n# the server\nENTRYPOINT ["/srv/run"]\n'


def test_what_stands_before_is_built_first() -> None:
    template = parted(USUAL.replace("{{{ imagebuilder:components", "ENV A=b\n{{{ imagebuilder:components"))
    assert template.has_before
    assert template.first("debian:12").split("\n") == ["FROM debian:12", "", "ENV A=b", ""]
    assert not template.has_after


def test_stages_before_are_there_for_what_is_copied_from_them() -> None:
    template = parted(
        "ARG GO=1\nFROM golang AS tools\nRUN make\nFROM {{{ imagebuilder:parentImage }}} AS main\nARG DIR=/opt\n"
        "{{{imagebuilder:components}}}\nCOPY --from=tools /t $DIR\n"
    )
    assert template.has_before
    assert template.rest("debian:12", "image7") == (
        "ARG GO=1\nFROM golang AS tools\nRUN make\nFROM image7 AS main\nARG DIR=/opt\n\nCOPY --from=tools /t $DIR\n"
    )


def test_without_a_place_for_components_they_run_on_the_base() -> None:
    template = parted("# mine\nFROM {{{ imagebuilder:parentImage }}}\nENV A=b\n")
    assert not template.has_before
    assert template.rest("debian:12", "image7").endswith("FROM image7\nENV A=b\n")


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_template_asks_for_nothing(text: str) -> None:
    template = parted(text)
    assert (template.has_before, template.has_after) == (False, False)
