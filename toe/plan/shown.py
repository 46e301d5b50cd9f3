"""What a plan shows of a step: its values without secrets, and what of it is told where logging is disabled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from toe.actions.base import Definition
from toe.engine.plan import FormerStep
from toe.expressions.reference_values import text_of
from toe.model import DEFAULT_TIMEOUT_SECONDS, OnFailure, Step
from toe.plan.knowledge import Secret, Unknown
from toe.plan.model import Outlook, StepPlan, Turn
from toe.secrets.masker import MASK

NOT_SHOWN = "(not shown)"
NEEDS = ("root", "network", "reboot")


def shown_value(value: object) -> str:
    """A value as it may be shown."""
    if isinstance(value, Unknown):
        return str(value) or "{{ ... }}"
    items: Sequence[object] = value if isinstance(value, (list, tuple)) else (value,)
    return MASK if any(isinstance(item, Secret) for item in items) else text_of(value)  # type: ignore[arg-type]


def left_out_step(step: Step, former: FormerStep | None) -> StepPlan:
    """The plan of a step that does not run: where it stands, and the log folder by which others know of it."""
    return StepPlan(
        step.name,
        step.action,
        Outlook.LEFT_OUT,
        step.node.line if step.node else 0,
        step.node.column if step.node else 0,
        timeout_seconds=step.timeout_seconds,
        on_failure=step.on_failure.value,
        max_attempts=step.max_attempts,
        taken_from="" if former is None else former.told,
    )


def hidden_step(plan: StepPlan) -> StepPlan:
    """The plan of a step with `disableLogging`: what its inputs are is not told, nor what its condition compares."""
    calls = [[call._replace(path=NOT_SHOWN) for call in turn.calls] for turn in plan.turns]
    needs = {name: need and need._replace(why="") for name, need in plan.needs._asdict().items() if name in NEEDS}
    return plan._replace(
        condition=plan.condition and plan.condition._replace(text=NOT_SHOWN, why=""),
        asserts=plan.asserts and plan.asserts._replace(text=NOT_SHOWN, why=""),
        loop=plan.loop and plan.loop._replace(text=NOT_SHOWN),
        turns=tuple(Turn(calls=tuple(one)) for one in calls),
        needs=plan.needs._replace(**needs),
        hidden=True,
    )


def unusual_settings(step: Step, definition: Definition) -> Iterable[str]:
    """The settings that are not the defaults, as the document writes them."""
    usual = DEFAULT_TIMEOUT_SECONDS if definition.fixed_timeout is None else definition.fixed_timeout
    if step.timeout_seconds != usual:
        yield f"timeoutSeconds: {step.timeout_seconds}"
    if step.on_failure is not OnFailure.ABORT:
        yield f"onFailure: {step.on_failure.value}"
    if step.max_attempts != (definition.fixed_attempts or 1):
        yield f"maxAttempts: {step.max_attempts}"
    if step.disable_logging:
        yield "disableLogging: true"
