"""The page of HTML: what stands in it, and what it does in headless Chromium, where that is installed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import Tab, browser_tab, chromium
from sample_runs import killed_run, one_step, rich_run

import toe
from toe.errors import ToeError
from toe.report.folder import read_folder
from toe.report.html import html_report

if TYPE_CHECKING:
    from tests.conftest import RunDocument

GOLDEN = Path(__file__).parents[1] / "sinks" / "golden_hello_world"
TEMPLATE = Path(toe.__file__).parent / "report" / "run.html.j2"
needs_chromium = pytest.mark.skipif(chromium() is None, reason="chromium is not installed")

#: Whatever could break out of a text of HTML, a script, an attribute, a comment, or act on whoever reads it.
HOSTILE = r"""
cat <<'X'
</script><script>document.title='owned'</script><img src=x onerror="document.title='owned'">
"'><svg onload="document.title='owned'"></svg></pre></code></details></main> --> ]]> <!--
<style>*{display:none}</style><base href="//example.org/"><meta http-equiv=refresh content="0;url=//example.org/">
{# x #} {% raw %} &lt;b&gt; <a href="javascript:document.title='owned'">x</a>
X
printf '\033[31mred\033[0m\033[2J\033]0;owned\007 \xe2\x80\xae turned \000\001\177\377\r\n'
"""


def page_of(folder: str | Path, path: Path | str = "page.html") -> str:
    text = "".join(html_report(read_folder(str(folder))))
    Path(path).write_text(text, encoding="utf-8")
    return text


@pytest.fixture
def tab(tmp_path: Path) -> Iterator[Tab]:
    with browser_tab(tmp_path / "profile") as opened:
        yield opened
        assert opened.console == []
        assert all(address.startswith("file://") and address.endswith(".html") for address in opened.requests)


class Outline(HTMLParser):
    """What there is of elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_the_page_of_a_folder_that_awstoe_wrote_has_its_phases_steps_and_outputs() -> None:
    text = page_of(GOLDEN)
    assert "<h1>Succeeded</h1>" in text
    assert "3 steps: 3 ok" in text
    assert text.count('<details class="phase" open>') == 3
    assert text.count('<details class="step"') == 3
    assert "\nHello World from the build phase.</pre>" in text
    assert "2022-05-25 14:01:45 UTC" in text


def test_the_page_asks_for_nothing_and_its_policy_allows_its_own_style_and_script_alone() -> None:
    text = page_of(GOLDEN)
    outline = Outline(text)
    assert not {"link", "img", "iframe", "object", "embed", "base", "video", "audio"} & set(outline.tags)
    names = {name for name, _ in outline.attributes}
    assert not {"src", "style", "srcset", "action"} & names
    assert not [name for name in names if name.startswith("on")]
    assert all(value.startswith("#") for name, value in outline.attributes if name == "href")
    (policy,) = [value for name, value in outline.attributes if name == "content" and "default-src" in value]
    hashes = []
    for tag in ("style", "script"):
        (inner,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        hashes.append(base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode())
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_the_page_is_the_same_each_time(run_document: RunDocument) -> None:
    folder = rich_run(run_document)
    assert page_of(folder) == page_of(folder)


def test_hostile_names_and_output_open_no_element(run_document: RunDocument) -> None:
    document = json.loads(one_step(HOSTILE))
    evil = "\"'></title><script>x</script>\u202e\x1b[31m"
    document.update(name=evil, description=evil)
    plain = Outline(page_of(run_document(one_step("echo x")).log_url))
    hostile = Outline(page_of(run_document(json.dumps(document)).log_url))
    for tag in ("script", "style", "title", "base", "meta", "a"):
        assert hostile.tags.count(tag) == plain.tags.count(tag), tag
    assert not {"img"} & set(hostile.tags)
    assert not [name for name, _ in hostile.attributes if name.startswith("on")]


def test_what_is_not_seen_is_shown_by_marks_and_colours_by_classes(run_document: RunDocument) -> None:
    text = page_of(run_document(one_step(HOSTILE)).log_url)
    assert '<span class="f1">red</span> [U+202E] turned ^@^A^?\ufffd\n' in text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def test_colours_of_256_and_of_24_bits_become_the_nearest_of_sixteen(run_document: RunDocument) -> None:
    script = r"printf '\033[38;5;196ma\033[48;2;0;0;170mb\033[38:2::85:255:85mc\033[0;1;4;7md\033[38;5me\033[mf'"
    text = page_of(run_document(one_step(script)).log_url)
    spans = re.findall('<span class="([^"]*)">([a-f])</span>', text)
    assert spans[:2] == [("f1", "a"), ("f1 b4", "b")]
    assert spans[3] == ("bold underline inverse", "d")


def test_more_changes_of_colour_than_a_page_can_bear_leave_the_text(run_document: RunDocument) -> None:
    Path("many").write_text("".join(f"\x1b[3{number % 8}m{number}." for number in range(20_000)))
    text = page_of(run_document(one_step("cat many")).log_url)
    assert text.count("<span") < 5_000
    seen = re.sub("<[^>]*>", "", text)
    assert "".join(f"{number}." for number in range(20_000)) in seen


def test_without_the_library_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ToeError) as caught:
        html_report(read_folder(str(GOLDEN)))
    assert caught.value.message == "a report in HTML needs toe[report]"
    assert caught.value.hint == "pip install 'toe-executor[report]'"


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG."""
    light = []
    for colour in (one, other):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        light.append(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    return (max(light) + 0.05) / (min(light) + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_every_colour_can_be_read(scheme: int) -> None:
    colours = dict(re.findall(r"--([a-z]+\d*): (#[0-9a-f]{6})", TEMPLATE.read_text().split("@media")[scheme]))
    assert len(colours) == 27
    for name in ("text", "muted", "link", "ok", "bad", "odd"):
        assert contrast(colours[name], colours["page"]) >= 4.5, name
        assert contrast(colours[name], colours["box"]) >= 4.5, name
    for number in range(16):
        assert contrast(colours[f"f{number}"], colours["box"]) >= 4.5, number
    assert contrast(colours["text"], colours["hit"]) >= 4.5


@needs_chromium
def test_a_browser_shows_the_run_to_everybody(tab: Tab, run_document: RunDocument) -> None:
    page_of(rich_run(run_document))
    tab.open("page.html")
    assert tab.run("document.title").startswith("Timed out: ")
    accessible = tab.accessible()
    assert {"banner", "main", "contentinfo", "search"} <= {role for role, _ in accessible}
    headings = [name for role, name in accessible if role == "heading"]
    assert headings[:5] == ["Timed out", "What failed", "The slowest steps", "Timeline", "Outer outer.yml"]
    assert "Retried ExecuteBash" in headings
    assert ("searchbox", "Search") in accessible
    assert ("checkbox", "Only what did not succeed") in accessible
    levels = tab.run("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(one => +one.tagName[1])")
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert tab.run("[...document.querySelectorAll('details.step[open]')].map(one => one.id)") == ["s10"]
    nested = tab.run("document.querySelector('#s6 .nested').textContent")
    assert "Nested document of iteration 1: Inner" in nested
    assert "red plain" in nested
    iterations = tab.run("[...document.querySelectorAll('#s2 details > summary')].map(one => one.textContent)")
    assert [text[:16] for text in iterations] == ["Iteration 1: one", "Iteration 2: two"]
    bars = tab.run("[...document.querySelectorAll('#s1 > summary rect')].map(one => one.getAttribute('class'))")
    assert bars == ["fill-bad", "fill-ok"]
    colour = "getComputedStyle(document.querySelector('.f1')).color"
    assert tab.run(colour) == "rgb(164, 14, 38)"
    tab.colours("dark")
    assert tab.run(colour) == "rgb(255, 143, 135)"
    assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 23)"


@needs_chromium
def test_searching_shows_the_steps_that_have_it_and_goes_from_place_to_place(
    tab: Tab, run_document: RunDocument
) -> None:
    page_of(rich_run(run_document))
    tab.open("page.html")
    shown = "[...document.querySelectorAll('details.step')].filter(one => one.checkVisibility()).map(one => one.id)"
    waited = "new Promise(done => setTimeout(done, 300))"
    before = tab.run(shown)
    tab.press("/")
    assert tab.run("document.activeElement.id") == "query"
    tab.type("RED Plain")
    tab.run(waited)
    assert tab.run(shown) == ["s6", "s7"]  # the nested step and that which calls it
    assert tab.run("document.getElementById('found').textContent") == "2 steps"
    tab.run("document.getElementById('query').value = ''")
    tab.type("number")
    tab.run(waited)
    assert tab.run(shown) == ["s2"]
    assert tab.run("[...document.querySelectorAll('#s2 details')].map(one => one.open)") == [True, True]
    tab.press("Enter")
    assert tab.run("document.getElementById('found').textContent").startswith("place 1 of ")
    tab.press("Escape")
    assert tab.run(shown) == before
    assert tab.run("document.getElementById('s2').open") is False
    tab.run("document.getElementById('only').click()")
    assert tab.run(shown) == ["s5", "s6", "s10"]


@needs_chromium
def test_the_keyboard_opens_steps_and_links_lead_into_closed_ones(tab: Tab, run_document: RunDocument) -> None:
    page_of(rich_run(run_document))
    tab.open("page.html")
    tab.run("document.querySelector('#s1 > summary').focus()")
    tab.press("Enter")
    assert tab.run("document.getElementById('s1').open") is True
    tab.press("Tab")
    assert tab.run("document.activeElement.textContent").startswith("Attempt 1 of 3")
    tab.run("document.getElementById('s6').open = false; location.hash = '#s7'")
    tab.run("new Promise(done => setTimeout(done, 100))")
    assert tab.run("['s6', 's7'].map(id => document.getElementById(id).open)") == [True, True]
    assert tab.run("document.activeElement.parentElement.id") == "s7"


@needs_chromium
def test_the_page_is_whole_without_scripts(tab: Tab, run_document: RunDocument) -> None:
    page_of(rich_run(run_document))
    tab.scripts(on=False)
    tab.open("page.html")
    roles = {role for role, _ in tab.accessible()}
    assert "search" not in roles  # what only a script can do is not offered
    text = tab.run("document.querySelector('main').textContent")
    assert all(words in text for words in ("number two", "red plain", "the step timed out after 1 second"))
    assert tab.run("document.querySelectorAll('details.step > summary').length") == 10


@needs_chromium
def test_a_hostile_run_is_inert(tab: Tab, run_document: RunDocument) -> None:
    document = json.loads(one_step(HOSTILE))
    document["name"] = "</title></script><script>document.title='owned'</script>"
    page_of(run_document(json.dumps(document)).log_url)
    tab.open("page.html")
    tab.run("document.getElementById('open-all').click()")
    assert tab.run("document.title").startswith("Succeeded: ")
    for selector, count in (("script", 1), ("style", 1), ("img, base, iframe", 0), ("[onload], [onerror]", 0)):
        assert tab.run(f"document.querySelectorAll('{selector}').length") == count, selector
    assert tab.run("document.querySelectorAll('main a[href]:not([href^=\"#\"])').length") == 0
    printed = tab.run("[...document.querySelectorAll('#s1 pre')].pop().textContent")
    assert "</script><script>document.title='owned'</script><img src=x" in printed
    assert "[U+202E] turned ^@^A^?" in printed


@needs_chromium
def test_ten_megabytes_of_output_are_all_there_and_open(tab: Tab, run_document: RunDocument) -> None:
    script = "head -c 2000000 /dev/zero | tr '\\0' x; echo; yes 'a line of output' | head -c 8000000"
    page_of(run_document(one_step(script)).log_url)
    tab.open("page.html")
    tab.run("document.getElementById('s1').open = true")
    tab.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    size = tab.run(
        "[...document.querySelectorAll('#s1 pre code')].reduce((sum, one) => sum + one.textContent.length, 0)"
    )
    (left_out,) = re.findall(r"([\d,]+) more bytes are in", tab.run("document.getElementById('s1').textContent"))
    assert size + int(left_out.replace(",", "")) == 10_000_001
    assert size > 7_000_000


@needs_chromium
def test_a_run_that_has_not_ended_is_shown_as_such(tab: Tab) -> None:
    page_of(killed_run())
    tab.open("page.html")
    assert tab.run("document.querySelector('h1').textContent") == "Not ended: still running, or cut off"
    assert "waiting" in tab.run("document.getElementById('timeline').textContent")


@pytest.mark.slow
@needs_chromium
def test_a_run_of_5000_steps_opens_in_two_seconds(tab: Tab, run_document: RunDocument) -> None:
    steps = [
        {"name": f"Step{number}", "action": "ExecuteBash", "inputs": {"commands": [f"echo line {number}", "echo more"]}}
        for number in range(5_000)
    ]
    document = {"schemaVersion": "1.0", "phases": [{"name": "build", "steps": steps}]}
    page_of(run_document(json.dumps(document)).log_url)
    before = tab.busy_seconds()
    tab.open("page.html")
    tab.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert tab.busy_seconds() - before < 2  # opened and painted; a quiet machine needs half of it
    assert tab.run("document.querySelectorAll('details.step').length") == 5_000
