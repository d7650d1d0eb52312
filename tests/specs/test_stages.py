"""Which stage an epoch belongs to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.specs.sections import TrainSection
from nlpx.specs.stages import Stage, first_epochs, stage_at

LENGTHS = st.builds(
    lambda key, n: Stage(**{key: n}), st.sampled_from(["epochs", "steps"]), st.integers(1, 20)
)


@given(st.lists(LENGTHS, min_size=1, max_size=5), st.integers(1, 7))
def test_stage_of_every_epoch(stages: list[Stage], updates_per_epoch: int) -> None:
    """Against the updates one by one: a stage begins with an epoch, its last one may be cut."""
    expected = []
    for stage in stages:
        left = stage.steps or (stage.epochs or 0) * updates_per_epoch
        while left > 0:
            expected.append(stage)
            left -= updates_per_epoch
    found = [stage_at(stages, updates_per_epoch, epoch) for epoch in range(len(expected))]
    assert list(map(id, found)) == list(map(id, expected))
    assert first_epochs(stages, updates_per_epoch)[-1] == len(expected)
    for outside in (-1, len(expected)):
        with pytest.raises(IndexError, match=f"no epoch {outside}"):
            stage_at(stages, updates_per_epoch, outside)


def test_stages_take_the_place_of_epochs() -> None:
    assert TrainSection().epochs == 10
    assert TrainSection(stages=None).epochs == 10
    assert TrainSection(stages=[Stage(epochs=1)]).epochs is None
    assert TrainSection(stages=[Stage(epochs=1)], epochs=3).epochs == 3
