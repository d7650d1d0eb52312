"""Options that follow a schedule, against the same options with the numbers of the schedule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import yaml
from pydantic import ValidationError

from nlpx.components.losses.base import Loss
from nlpx.components.losses.cross_entropy import CrossEntropy
from nlpx.components.schedules.constant import Constant
from nlpx.components.schedules.linear import Linear
from nlpx.components.varying import Scheduled, at, now
from nlpx.core.component import Section, builtin_registry
from nlpx.specs.annotations import section_of
from nlpx.specs.document import documentation
from tests.components.losses.harness import fresh, layouts, measured, random_values

STEP, TOTAL = 7, 22
"""After 7 of 22 updates, a linear schedule from 1 to 1/2 is at 1 - 7 / 21 / 2 = 5 / 6."""


def varying(section: type[Section], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The options that may follow a schedule."""
    for name, field in section.model_fields.items():
        below = section_of(field.annotation)
        if below is not None and issubclass(below, Scheduled):
            yield (*path, name)
        elif below is not None:
            yield from varying(below, (*path, name))


OPTIONS = [(e, path) for e in builtin_registry() if e.kind == "loss" for path in varying(e.component)]


def with_option(given: dict[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    below = {} if len(path) == 1 else with_option({}, path[1:], value)
    return {**given, path[0]: below or value}


@pytest.mark.parametrize(
    ("entry", "path"), OPTIONS, ids=[f"{e.name}-{'.'.join(path)}" for e, path in OPTIONS]
)
def test_a_scheduled_option_has_the_value_of_the_update(entry: Any, path: tuple[str, ...]) -> None:
    example = yaml.safe_load(documentation(entry.component).example)["loss"]
    given = {"type": example} if isinstance(example, str) else example
    scheduled = {"value": 0.6, "schedule": {"type": "linear", "final": 0.5}}
    follows, constant = (
        fresh(entry.component.model_validate(with_option(given, path, value))) for value in (scheduled, 0.5)
    )
    layout = layouts(follows)[0]
    values = random_values(follows, layout)
    with at(0, TOTAL):
        got = measured(follows, values, step=STEP)
    expected = measured(constant, values)
    np.testing.assert_allclose(got[0], expected[0], rtol=1e-5)
    for one, other in zip(got[1], expected[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_losses_have_such_options() -> None:
    names = {f"{entry.name}.{'.'.join(path)}" for entry, path in OPTIONS}
    assert {"cross_entropy.label_smoothing", "elbo.beta", "am_softmax.margin", "am_softmax.scale"} <= names
    assert {"focal.gamma", "sequence_cross_entropy.coverage", "wgan.penalty.weight"} <= names


def test_a_number_stays_a_number() -> None:
    value = now(CrossEntropy(label_smoothing=0.1).label_smoothing)
    assert value == 0.1 and isinstance(value, float)


def smoothing(value: float, schedule: object) -> Loss:
    return CrossEntropy.model_validate({"label_smoothing": {"value": value, "schedule": schedule}})


def test_a_new_value_needs_no_new_trace() -> None:
    traces, loss = [], smoothing(0.2, {"type": "linear", "decay_steps": 10})
    values = {
        "logits": tf.constant([[2.0, 0.0, -1.0]]),
        "target": tf.constant([0]),
        "mask": tf.constant([True]),
    }

    @tf.function
    def at_step(step: tf.Tensor) -> tf.Tensor:
        traces.append(step)
        return loss(values, step)["loss"].sum

    losses = [float(at_step(tf.constant(step))) for step in (0, 5, 10)]
    log_p = np.log(np.exp([2.0, 0.0, -1.0]) / np.exp([2.0, 0.0, -1.0]).sum())
    expected = [-(1 - e) * log_p[0] - e * log_p.mean() for e in (0.2, 0.1, 0.0)]
    np.testing.assert_allclose(losses, expected, rtol=1e-6)
    assert len(traces) == 1


def test_the_range_of_the_option_holds_for_all_values() -> None:
    assert smoothing(0.5, {"type": "linear", "final": 1.5})
    for value, schedule in ((1.0, "linear"), (0.5, {"type": "linear", "final": 2}), (-0.1, "constant")):
        with pytest.raises(ValidationError):
            smoothing(value, schedule)
    registry = builtin_registry()
    scale = registry.find("loss", "am_softmax").component
    for final, valid in ((0.1, True), (0.0, False)):
        given = {"type": "am_softmax", "scale": {"value": 30, "schedule": {"type": "linear", "final": final}}}
        if valid:
            assert scale.model_validate(given)
        else:
            with pytest.raises(ValidationError, match="30 \\* 0, but it should be greater than 0"):
                scale.model_validate(given)


def test_a_schedule_needs_an_update() -> None:
    option = Scheduled(value=0.1, schedule=Constant())
    with pytest.raises(RuntimeError, match="at"):
        now(option)
    with at(3):
        assert float(now(option)) == pytest.approx(0.1)
        with pytest.raises(ValueError, match="length of the run"):
            now(Scheduled(value=0.1, schedule=Linear()))
        with at(4, 5), at(2):
            assert float(now(Scheduled(value=0.1, schedule=Linear()))) == pytest.approx(0.05)
