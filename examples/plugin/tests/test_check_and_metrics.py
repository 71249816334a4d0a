"""The audit check and the metrics are checked the way pawlens uses them."""

from __future__ import annotations

import numpy as np
from pawlens_example_plugin.check import GreyCheck
from pawlens_example_plugin.metric import Matthews, TopTwo, typical_loss

from pawlens.plugins import Answers
from pawlens.testing import check_audit_check, check_metric


def test_the_audit_check() -> None:
    check_audit_check(GreyCheck)


def test_the_metrics() -> None:
    check_metric(TopTwo)
    check_metric(Matthews)
    check_metric(typical_loss)


def test_answers_without_an_error_correlate_fully() -> None:
    y = np.arange(12) % 3
    found = Matthews().measure(Answers(y, np.eye(3)[y]))
    assert found is not None
    assert found.value == found.high == 1
