"""The secrets that are known before a run."""

from __future__ import annotations

import pytest

from toe.session.hidden_values import named_secrets


@pytest.mark.parametrize(("platform", "masked"), [("windows", "***"), ("linux", "hunter22")])
def test_the_name_of_a_secret_variable_has_no_case_on_windows(platform: str, masked: str) -> None:
    secrets = named_secrets(["ApiToken"], {"APITOKEN": "hunter22"}, platform)
    assert secrets.mask_text("hunter22") == masked


def test_the_variables_that_toe_mask_names_are_secrets() -> None:
    secrets = named_secrets([], {"TOE_MASK": "A, B", "A": "first-one", "B": "second-one"}, "linux")
    assert secrets.mask_text("first-one second-one") == "*** ***"
