"""Explanations of the problems of Image Builder's own rules."""

from __future__ import annotations

from toe import codes
from toe.check.explanations.examples import Explanation, one_phase, two_phases
from toe.check.options import CheckOptions

_OPTIONS = CheckOptions(profile="imagebuilder")
IMAGE_BUILDER: dict[str, Explanation] = {
    codes.NO_NEEDED_PHASE: Explanation(
        "Image Builder wants a phase `build`, `validate` or `test`; `container-host-test` alone is not enough.",
        one_phase("install"),
        one_phase("build"),
        _OPTIONS,
    ),
    codes.OTHER_STAGE: Explanation(
        "Image Builder runs `build` and `validate` in its build stage, `test` and `container-host-test` in its test "
        "stage, each by itself, and other phases never. A step has the inputs and outputs of its own stage only.",
        two_phases("build", "test"),
        two_phases("build", "validate"),
        _OPTIONS,
    ),
    codes.PHASE_NOT_RUN: Explanation(
        "Image Builder runs the phases `build`, `validate`, `test` and `container-host-test`, in exactly this "
        "spelling. Other phases are legal and run with `toe run`.",
        one_phase("install"),
        one_phase("build"),
        _OPTIONS,
    ),
    codes.INLINE_SIZE: Explanation(
        "`data` of CreateComponent, and of CloudFormation and Terraform, takes 16,000 characters. A larger document "
        "goes into S3 and is given by its `uri`.",
        "",
        "",
        _OPTIONS,
    ),
    codes.COMPONENT_SIZE: Explanation(
        "A component has 64 KB at most, however it is given. Split it, or let it download its scripts.",
        "",
        "",
        _OPTIONS,
    ),
    codes.NO_TEST_COMPONENT: Explanation(
        "Image Builder takes a document whose only phase is `test` for a test component, and every other one for a "
        "build component. This one has a phase `test` and others, but nothing that runs in the build stage.",
        two_phases("test", "container-host-test"),
        one_phase("test"),
        _OPTIONS,
    ),
}
