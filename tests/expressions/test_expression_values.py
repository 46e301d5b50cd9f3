import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toe.errors import ActionError, Check, go_on
from toe.expressions.execution_values import ExecutionValues, NoRemote
from toe.expressions.resolve import resolve_items, resolve_text, resolve_value
from toe.expressions.scope import Scope
from toe.model import Entry, ParameterValue

NOON_NS = 1_781_519_400_123_456_789  # 2026-06-15T10:30:00 UTC


class Aws:
    """AWS as an expression sees it."""

    def ssm(self, path: str, check: Check = go_on) -> str | tuple[str, ...]:
        known: dict[str, str | tuple[str, ...]] = {"/list": ("a", "b"), "/blank": " "}
        return known.get(path, f"ssm of {path}")

    def imds(self, path: str, check: Check = go_on) -> str:
        return f"imds of {path}"

    def account_id(self, check: Check = go_on) -> str:
        return "123456789012"

    def region(self, check: Check = go_on) -> str:
        return "eu-central-1"


def make_scope(*, aws: Aws | None = None, **values: ParameterValue) -> Scope:
    environment = {"MY_VAR": "value-1", "ODD(x86)": "value-2", "EMPTY": ""}
    remote = NoRemote if aws is None else lambda: aws
    execution = ExecutionValues("run-1", "linux", environment, remote=remote, now_ns=lambda: NOON_NS)
    return Scope(values=values, execution=execution)


def message_of(text: str, scope: Scope) -> str:
    with pytest.raises(ActionError) as caught:
        resolve_text(text, scope)
    assert "\n" not in caught.value.message
    return caught.value.message


def test_resolve_text_replaces_names_everywhere() -> None:
    scope = make_scope(Greeting="Hello", Who="you", Code="007")
    assert resolve_text("{{Greeting}}, {{ Who }} {{Code }}!", scope) == "Hello, you 007!"


def test_resolve_text_joins_a_string_list_with_commas() -> None:
    scope = make_scope(Hosts=("a", "b"), None_=())
    assert resolve_text("<{{ Hosts }}><{{ None_ }}>", scope) == "<a,b><>"


def test_resolve_text_never_expands_what_an_expression_yields() -> None:
    scope = make_scope(A="{{ B }}", B="leaked", Open="{{", Name="B")
    assert resolve_text("{{ A }} {{ Open }} B }}", scope) == "{{ B }} {{ B }}"
    assert resolve_text("{{ {{ Name }} }}", scope) == "{{ B }}"
    assert resolve_text("{{{ Name }}}", scope) == "{B}"


def test_resolve_text_leaves_foreign_templates() -> None:
    text = "{{ .Names }} {{ a | b }} {{}} {{ Hosts[0] }}\n# {{ build.X.outputs.stdout' ]"
    assert resolve_text(text, make_scope(Hosts=("a",))) == text


def test_resolve_text_names_an_unknown_name_and_the_nearest() -> None:
    message = message_of("{{ Gretting }}", make_scope(Greeting="x"))
    assert message == (
        "'{{ Gretting }}' has no value: there is no parameter or constant 'Gretting' (did you mean 'Greeting'?)"
    )
    assert message_of("{{ Zzz }}", make_scope(A="", B="")).endswith("'Zzz' (there are: A, B)")
    assert message_of("{{ Zzz }}", make_scope()).endswith("'Zzz'")
    many: dict[str, ParameterValue] = {f"n{number}": "" for number in range(11)}
    assert message_of("{{ Zzz }}", Scope(many, make_scope().execution)).endswith("n9, ...)")


def test_resolve_text_chains_inputs_and_outputs() -> None:
    scope = make_scope()
    scope.record_inputs("build", "Files", [{"path": "one"}, {"path": "two", "tags": ["x", "y"]}])
    scope.record_outputs("build", "Files", [{"stdout": "first"}, {"stdout": "second"}])
    assert resolve_text("{{ build.Files.inputs.path }} {{ build.Files.inputs[1].path }}", scope) == "one two"
    assert resolve_text("{{ build.Files.outputs.stdout }},{{build.Files.outputs[1].stdout}}", scope) == "first,second"
    assert resolve_text("{{ build.Files.inputs[1].tags[1] }} {{ build.Files.inputs[1].tags }}", scope) == "y x,y"


def test_resolve_text_turns_values_into_text() -> None:
    scope = make_scope()
    summary: Entry = {
        "executedStepCount": 3,
        "ok": True,
        "off": False,
        "ratio": 1.5,
        "none": None,
        "nested": {"ä": [1, "b"]},
    }
    scope.record_outputs("build", "Nest", [summary])
    for field, expected in [
        ("executedStepCount", "3"),
        ("ok", "true"),
        ("off", "false"),
        ("ratio", "1.5"),
        ("none", ""),
        ("nested", '{"ä":[1,"b"]}'),
        ("nested.ä", None),
    ]:
        text = f"{{{{ build.Nest.outputs.{field} }}}}"
        assert resolve_text(text, scope) == (text if expected is None else expected)


def test_resolve_text_walks_deeper_paths() -> None:
    scope = make_scope()
    scope.record_outputs("build", "Deep", [{"list": ["a", [1, 2], {"key": "found"}]}])
    assert resolve_text("{{ build.Deep.outputs[0].list[2].key }}", scope) == "found"
    assert resolve_text("{{ build.Deep.outputs.list[1][0] }}", scope) == "1"


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("build.Nope.outputs.stdout", "step 'build.Nope' has not run"),
        ("build.Filez.outputs.stdout", "step 'build.Filez' has not run (did you mean 'build.Files'?)"),
        ("build.Files.outputs.stdot", "there is no field 'stdot' in the outputs of step 'build.Files' (did you mean"),
        ("build.Files.outputs.zzz", "(there are: stdout, list)"),
        ("build.Files.outputs[1].stdout", "has 1 entry of outputs, counted from 0, and no entry 1"),
        ("build.Files.inputs[5].path", "has 2 entries of inputs, counted from 0, and no entry 5"),
        ("build.Silent.outputs.stdout", "step 'build.Silent' has no outputs"),
        ("build.Files.outputs.list[2]", "'list' in the outputs of step 'build.Files' has no item 2: it has 2"),
        ("build.Files.outputs.list[0].x", "item 0 of 'list' in the outputs of step 'build.Files' is no mapping"),
        ("build.Files.outputs.stdout[0]", "'stdout' in the outputs of step 'build.Files' is no list"),
        ("build.Files.outputs.stdout.x", "'stdout' in the outputs of step 'build.Files' is no mapping"),
    ],
)
def test_resolve_text_says_why_a_chained_value_is_missing(expression: str, reason: str) -> None:
    scope = make_scope()
    scope.record_inputs("build", "Files", [{"path": "one"}, {"path": "two"}])
    scope.record_outputs("build", "Files", [{"stdout": "x", "list": ["a", "b"]}])
    scope.record_inputs("build", "Silent", [{}])
    scope.record_outputs("build", "Silent", [])
    message = message_of(f"a {{{{ {expression} }}}} b", scope)
    assert message.startswith(f"'{{{{ {expression} }}}}' has no value: ")
    assert reason in message


def test_resolve_text_gives_nothing_for_a_skipped_step() -> None:
    scope = make_scope()
    scope.record_skipped("build", "Elsewhere")
    text = (
        "<{{build.Elsewhere.outputs.stdout }}{{ build.Elsewhere.outputs[3].a.b[1] }}{{ build.Elsewhere.inputs.path }}>"
    )
    assert resolve_text(text, scope) == "<>"


def test_resolve_text_reads_the_loop_in_force() -> None:
    scope = make_scope().at("build", "S").in_loop("L", 2, "{{ A }}")
    text = "{{ loop.index }}{{ loop.value }}{{ L.index }}{{ L.value }}{{ M.value }}"
    assert resolve_text(text, scope) == "2{{ A }}2{{ A }}{{ M.value }}"
    assert resolve_text("{{ loop.index }} {{ L.index }}", make_scope().in_loop(None, 0, "")) == "0 {{ L.index }}"


def test_resolve_text_leaves_loop_references_outside_of_a_loop() -> None:
    looped = make_scope().in_loop("L", 2, "v")
    for scope in (make_scope(), looped.at("build", "Next")):
        assert resolve_text("{{ loop.value }} {{L.index}}", scope) == "{{ loop.value }} {{L.index}}"


def test_derived_scopes_share_the_records() -> None:
    scope = make_scope(A="a")
    step = scope.at("build", "One")
    step.in_loop(None, 0, "v").record_outputs("build", "One", [{"stdout": "x"}])
    assert resolve_text("{{ build.One.outputs.stdout }}{{ A }}", scope.at("build", "Two")) == "xa"
    assert scope.steps_reached() == (("build", "One"),)
    assert message_of("{{ build.One.outputs.stdout }}", make_scope(A="a"))


def test_resolve_text_reads_the_environment() -> None:
    scope = make_scope()
    assert resolve_text("{{ env:MY_VAR }}|{{ env:ODD(x86) }}|{{ env:EMPTY }}", scope) == "value-1|value-2|"
    assert "the environment variable 'NOT_SET' is not set" in message_of("{{ env:NOT_SET }}", scope)


def test_resolve_text_reads_the_context() -> None:
    scope = make_scope(aws=Aws()).at("build", "Show")
    text = " ".join(
        f"{{{{ context:{key} }}}}"
        for key in ("executionId", "accountId", "region", "osPlatform", "phase", "step", "date", "dateTime")
    )
    assert resolve_text(text, scope) == (
        "run-1 123456789012 eu-central-1 linux build Show 2026-06-15 2026-06-15T10:30:00Z"
    )


def test_resolve_text_makes_a_new_uuid_at_each_use() -> None:
    one, two = resolve_text("{{ context:uuid }} {{ context:uuid }}", make_scope()).split()
    assert one != two
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", one)


def test_resolve_text_refuses_an_unknown_context_key() -> None:
    message = message_of("{{ context:osname }}", make_scope())
    assert "unknown context key 'osname'" in message
    assert "osName, osVersion" in message


def test_resolve_text_asks_aws() -> None:
    scope = make_scope(aws=Aws(), Path="/list", Other="/o")
    assert resolve_text("{{ aws:ssm:/x }} {{ aws:ssm:/list }}", scope) == "ssm of /x a,b"
    assert resolve_text("{{ aws:ssm:resolve(Path) }} {{ aws:ssm:resolve(Other) }}", scope) == "a,b ssm of /o"
    assert resolve_text("{{ aws:imds:instance-id }}", scope) == "imds of instance-id"
    assert resolve_text("{{ aws:ssm:Name }} {{ aws:ssm:resolve(aws:ssm:/x) }}", scope) == "ssm of Name ssm of ssm of /x"
    assert "parameter or constant 'Nope'" in message_of("{{ aws:ssm:resolve(Nope) }}", scope)
    assert "the parameter '/blank' holds no name" in message_of("{{ aws:ssm:resolve(aws:ssm:/blank) }}", scope)


@pytest.mark.parametrize("inside", ["aws:ssm:/x", "aws:imds:instance-id", "context:accountId", "context:region"])
def test_resolve_text_says_what_aws_values_need(inside: str) -> None:
    assert f"'{inside}' needs toe[aws]" in message_of(f"{{{{ {inside} }}}}", make_scope())
    assert "'aws:ssm:/p' needs toe[aws]" in message_of("{{ aws:ssm:resolve(P) }}", make_scope(P="/p"))


def test_resolve_value_replaces_in_strings_of_lists_and_mappings() -> None:
    scope = make_scope(A="x", Hosts=("h1", "h2"))
    value = resolve_value({"{{ A }}": ["{{ A }}", 1, True, None, 1.5, {"k": "<{{ Hosts }}>"}]}, scope)
    assert value == {"{{ A }}": ["x", 1, True, None, 1.5, {"k": "<h1,h2>"}]}


def test_resolve_items_spreads_a_string_list_that_is_the_only_item() -> None:
    scope = make_scope(aws=Aws(), Hosts=("h1", "h,2"), Empty=(), Text="a,b")
    assert resolve_items(["{{ Hosts }}"], scope) == ["h1", "h,2"]
    assert resolve_items(["{{ aws:ssm:/list }}"], scope) == ["a", "b"]
    assert resolve_items(["{{ Empty }}"], scope) == []
    assert resolve_items(["{{ Text }}"], scope) == ["a,b"]


def test_resolve_items_does_not_spread_what_is_not_the_whole() -> None:
    scope = make_scope(Hosts=("h1", "h2"))
    scope.record_outputs("build", "Lines", [{"stdout": "x y\nz"}])
    assert resolve_items(["{{ Hosts }}", "7"], scope) == ["h1,h2", "7"]
    assert resolve_items(["{{ Hosts }}!"], scope) == ["h1,h2!"]
    assert resolve_items(["{{ build.Lines.outputs.stdout }}"], scope) == ["x y\nz"]
    assert resolve_items(["{{ .Names }}"], scope) == ["{{ .Names }}"]
    assert resolve_items([], scope) == []


@given(st.text().filter(lambda text: "{{" not in text))
def test_text_without_double_braces_is_unchanged(text: str) -> None:
    assert resolve_text(text, make_scope()) is text


@given(
    st.one_of(st.text(), st.text(alphabet="{} ABab.")), st.text(alphabet="xy {}").filter(lambda text: "{{" not in text)
)
def test_a_value_stands_in_the_text_as_it_is(value: str, around: str) -> None:
    scope = make_scope(A=value, B="leaked")
    assert resolve_text(f"x{{{{ A }}}}{around}", scope).startswith(f"x{value}")
    assert resolve_text("{{ A }}{{ A }}", scope) == value + value


@pytest.mark.parametrize("environment", [{"PROGRAMFILES": "C:\\Programs"}, {"programfiles": "C:\\Programs"}])
def test_names_of_variables_have_no_case_on_windows(environment: dict[str, str]) -> None:
    """The environment of a process is a plain dict there, whose names are in upper case."""
    scope = Scope({}, ExecutionValues("run-1", "windows", environment))
    assert resolve_text("{{ env:ProgramFiles }}\\x", scope) == "C:\\Programs\\x"
    assert "'ProgramFiles(x86)' is not set" in message_of("{{ env:ProgramFiles(x86) }}", scope)
    elsewhere = Scope({}, ExecutionValues("run-1", "linux", environment))
    assert "'ProgramFiles' is not set" in message_of("{{ env:ProgramFiles }}", elsewhere)


def test_a_name_that_is_written_the_same_way_wins_on_windows() -> None:
    scope = Scope({}, ExecutionValues("run-1", "windows", {"PATH": "upper", "Path": "mixed"}))
    assert resolve_text("{{ env:Path }} {{ env:PATH }}", scope) == "mixed upper"
