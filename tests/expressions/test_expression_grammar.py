import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toe.expressions.parse import (
    ContextRef,
    EnvRef,
    ForeignTemplate,
    ImdsRef,
    LoopRef,
    NameRef,
    Part,
    Reference,
    SsmIndirectRef,
    SsmRef,
    SsmResolveRef,
    StepRef,
    foreign_templates,
    parse_template,
    references,
    whole_reference,
)

ALPHABET = "{} .[]:/()-_\n\r\taA0éenvloopindexoutputs"
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet=ALPHABET),
    st.lists(
        st.sampled_from(
            [
                "{{",
                "}}",
                "{",
                "}",
                " ",
                "\n",
                "Name",
                "build.S.outputs.stdout",
                "[0]",
                "loop.index",
                "env:",
                "aws:ssm:/p",
            ]
        )
    ).map("".join),
)


def only(text: str) -> Reference:
    (part,) = parse_template(text)
    assert not isinstance(part, str)
    return part


def source(part: Part) -> str:
    return part if isinstance(part, str) else part.raw


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ Name }}", NameRef("{{ Name }}", 0, "Name")),
        ("{{Name}}", NameRef("{{Name}}", 0, "Name")),
        ("{{\t0-_x  }}", NameRef("{{\t0-_x  }}", 0, "0-_x")),
        ("{{ a.b.outputs.c }}", StepRef("{{ a.b.outputs.c }}", 0, "a", "b", "outputs", None, ("c",))),
        ("{{a.b.inputs[2].c-d}}", StepRef("{{a.b.inputs[2].c-d}}", 0, "a", "b", "inputs", 2, ("c-d",))),
        (
            "{{ a.b.outputs[0].list[2][1].key }}",
            StepRef("{{ a.b.outputs[0].list[2][1].key }}", 0, "a", "b", "outputs", 0, ("list", 2, 1, "key")),
        ),
        ("{{ a.b.outputs.0 }}", StepRef("{{ a.b.outputs.0 }}", 0, "a", "b", "outputs", None, ("0",))),
        ("{{ loop.index }}", LoopRef("{{ loop.index }}", 0, "loop", "index")),
        ("{{ My-Loop.value }}", LoopRef("{{ My-Loop.value }}", 0, "My-Loop", "value")),
        ("{{ aws:ssm:/a/b.c:3 }}", SsmRef("{{ aws:ssm:/a/b.c:3 }}", 0, "/a/b.c:3")),
        (
            "{{ aws:ssm:/aws/reference/secretsmanager/x }}",
            SsmRef("{{ aws:ssm:/aws/reference/secretsmanager/x }}", 0, "/aws/reference/secretsmanager/x"),
        ),
        ("{{ aws:ssm:resolve(Path) }}", SsmResolveRef("{{ aws:ssm:resolve(Path) }}", 0, "Path")),
        ("{{ aws:ssm:resolve( Path ) }}", SsmResolveRef("{{ aws:ssm:resolve( Path ) }}", 0, "Path")),
        ("{{ aws:ssm:ImageBuilder-key }}", SsmRef("{{ aws:ssm:ImageBuilder-key }}", 0, "ImageBuilder-key")),
        ("{{ aws:ssm:a.b_c:3 }}", SsmRef("{{ aws:ssm:a.b_c:3 }}", 0, "a.b_c:3")),
        (
            "{{ aws:ssm:arn:aws:ssm:eu-west-1:111122223333:parameter/a/b }}",
            SsmRef(
                "{{ aws:ssm:arn:aws:ssm:eu-west-1:111122223333:parameter/a/b }}",
                0,
                "arn:aws:ssm:eu-west-1:111122223333:parameter/a/b",
            ),
        ),
        (
            "{{ aws:ssm:resolve(aws:ssm:/my/param) }}",
            SsmIndirectRef("{{ aws:ssm:resolve(aws:ssm:/my/param) }}", 0, "/my/param"),
        ),
        ("{{aws:ssm:resolve( aws:ssm:Name )}}", SsmIndirectRef("{{aws:ssm:resolve( aws:ssm:Name )}}", 0, "Name")),
        ("{{ env:HOME }}", EnvRef("{{ env:HOME }}", 0, "HOME")),
        ("{{ env:ProgramFiles(x86) }}", EnvRef("{{ env:ProgramFiles(x86) }}", 0, "ProgramFiles(x86)")),
        ("{{ env:A B }}", EnvRef("{{ env:A B }}", 0, "A B")),
        ("{{ aws:imds:instance-id }}", ImdsRef("{{ aws:imds:instance-id }}", 0, "instance-id")),
        ("{{ aws:imds:iam/info }}", ImdsRef("{{ aws:imds:iam/info }}", 0, "iam/info")),
        ("{{ context:uuid }}", ContextRef("{{ context:uuid }}", 0, "uuid")),
        ("{{ context:unknown }}", ContextRef("{{ context:unknown }}", 0, "unknown")),
    ],
)
def test_parse_template_reads_every_form(text: str, expected: Reference) -> None:
    part = only(text)
    assert part == expected
    assert type(part) is type(expected)
    assert whole_reference(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{{}}",
        "{{ }}",
        "{{ .Names }}",
        "{{ a | b }}",
        "{{ a.b }}",
        "{{ a.b.c }}",
        "{{ a.b.outputs }}",
        "{{ a.b.outputs[0] }}",
        "{{ a.b.outputs[x].c }}",
        "{{ a.b.outputs[-1].c }}",
        "{{ a.b.output.c }}",
        "{{ a.b.index }}",
        "{{ loop.indexes }}",
        "{{ loop.item }}",
        "{{ Hosts[0] }}",
        "{{ Näme }}",
        "{{ aws:ssm: }}",
        "{{ aws:ssm:/ }}",
        "{{ aws:ssm:a b }}",
        "{{ aws:ssm:resolve(aws:ssm:) }}",
        "{{ aws:ssm:resolve(aws:ssm:/a }}",
        "{{ aws:ssm:resolve(aws:ssm:resolve(A)) }}",
        "{{ aws:ssm:resolve() }}",
        "{{ aws:imds: }}",
        "{{ env: }}",
        "{{ ENV:HOME }}",
        "{{ context: }}",
        "{{ Na\nme }}",
        "{{\nName }}",
        "{{ Name\r\n}}",
        "{ { Name } }",
        "{{ Name }",
        "{{ Name",
        "# {{ build.X.outputs.stdout' ]; then\necho 'a }} b'",
        "${X:-${Y}}",
    ],
)
def test_parse_template_leaves_what_is_not_of_the_grammar(text: str) -> None:
    assert parse_template(text) == (text,)
    assert whole_reference(text) is None


def test_parse_template_keeps_literals_and_offsets() -> None:
    assert parse_template("a {{ X }}{{Y}} b") == (
        "a ",
        NameRef("{{ X }}", 2, "X"),
        NameRef("{{Y}}", 9, "Y"),
        " b",
    )


def test_parse_template_finds_the_innermost_pair() -> None:
    assert parse_template("{{{ Name }}}") == ("{", NameRef("{{ Name }}", 1, "Name"), "}")
    assert parse_template("{{ {{ Name }} }}") == ("{{ ", NameRef("{{ Name }}", 3, "Name"), " }}")
    assert parse_template("{{ a | b {{ Name }}") == ("{{ a | b ", NameRef("{{ Name }}", 9, "Name"))


def test_parse_template_goes_on_after_an_unterminated_pair() -> None:
    text = "{{ build.X.outputs.stdout'\n{{ Name }}"
    assert [reference.raw for reference in references(text)] == ["{{ Name }}"]


def test_parse_template_reads_an_index_of_any_length() -> None:
    reference = only("{{ a.b.outputs[" + "9" * 5000 + "].c }}")
    assert isinstance(reference, StepRef)
    assert reference.index == 10**18
    reference = only("{{ a.b.outputs[007].c }}")
    assert isinstance(reference, StepRef)
    assert reference.index == 7


def test_whole_reference_is_none_when_there_is_anything_else() -> None:
    for text in ("", "x", " {{ A }}", "{{ A }} ", "{{ A }}{{ B }}", "{{ .A }}"):
        assert whole_reference(text) is None


def test_foreign_templates_lists_leftovers_with_their_offsets() -> None:
    text = "docker ps --format '{{ .Names }}' {{ Name }}\n{{}} {{ a\n }} {{{ x y }}} {{ loop.value }}"
    assert foreign_templates(text) == (
        ForeignTemplate("{{ .Names }}", 20),
        ForeignTemplate("{{}}", 45),
        ForeignTemplate("{{ x y }}", 60),
    )
    for found in foreign_templates(text):
        assert text[found.offset :].startswith(found.raw)


def test_foreign_templates_lists_nothing_without_double_braces() -> None:
    assert foreign_templates("a }} b {") == ()


@given(TEXTS)
def test_parse_template_is_total_and_loses_nothing(text: str) -> None:
    parts = parse_template(text)
    assert "".join(source(part) for part in parts) == text
    offset = 0
    for part in parts:
        if not isinstance(part, str):
            assert part.offset == offset
            assert "\n" not in part.raw
        offset += len(source(part))


@given(TEXTS)
def test_foreign_templates_are_pairs_of_braces_in_the_text(text: str) -> None:
    for found in foreign_templates(text):
        assert text[found.offset : found.offset + len(found.raw)] == found.raw
        assert found.raw.startswith("{{")
        assert found.raw.endswith("}}")


@given(st.text().filter(lambda text: "{{" not in text))
def test_parse_template_leaves_text_without_braces(text: str) -> None:
    assert parse_template(text) == (text,)


def seconds_to_read(text: str) -> float:
    started = time.process_time()
    parse_template(text)
    foreign_templates(text)
    whole_reference(text)
    return time.process_time() - started


@pytest.mark.parametrize(
    "unit",
    [
        "{{",
        "}}",
        "{{ ",
        "{{ a",
        "{{\n",
        "{{ a ",
        "{{ X }}",
        pytest.param("{{ . }}", marks=pytest.mark.slow),
        "{{ a.b.outputs",
        "{",
    ],
)
def test_a_megabyte_is_read_in_linear_time(unit: str) -> None:
    assert seconds_to_read(unit * (1_000_000 // len(unit))) < 10


@pytest.mark.parametrize("start", ["{{", "{{ a.b.outputs.c", "{{ aws:ssm:resolve(", "{{ env:", "{{ aws:imds:"])
@pytest.mark.parametrize("unit", ["a", " ", "a.", "[0]", "()", ":", "}"])
def test_a_megabyte_inside_of_braces_is_read_in_linear_time(start: str, unit: str) -> None:
    assert seconds_to_read(start + unit * (1_000_000 // len(unit)) + "!}}") < 10
