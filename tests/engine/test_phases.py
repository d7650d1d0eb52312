"""Learners with phases: who changes what, from which batches, and what is told of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.observers.base import Listener
from nlpx.components.observers.events import Event, LossLogged, StepDone
from nlpx.components.tricks.base import value_of
from nlpx.components.tricks.gradient_clip import GradientClip
from nlpx.engine.checkpoint import Checkpoints
from nlpx.engine.learner import Phase, Rounds
from nlpx.engine.stages import Stages
from nlpx.engine.step import TrainStep
from nlpx.engine.train import train
from nlpx.engine.update import Update
from nlpx.errors import ConfigError, Diverged
from tests.engine.phased_toy import PHASED, DuelLearner, duel_job
from tests.engine.toy import ToyBatches, make_batch


def fresh(normalized: bool = True) -> DuelLearner:
    keras.utils.set_random_seed(6)
    return DuelLearner(dropout=0.0, normalized=normalized)


def batch(seed: int, rows: int = 8) -> dict[str, np.ndarray]:
    return make_batch(np.random.default_rng(seed), rows, 5)


def round_of(learner: DuelLearner, rate: float = 0.5) -> TrainStep:
    return TrainStep(learner, [Update(learner, keras.optimizers.SGD(rate), phase=p) for p in learner.phases])


def test_a_round_by_hand() -> None:
    """The critic takes two steps, then the writer one against the changed critic; each has its own batch."""
    made, by_hand = fresh(), fresh()
    batches = [batch(seed) for seed in range(3)]
    results = round_of(made)([[b] for b in batches], 2)
    losses = []
    critic, writer = (phase.variables for phase in by_hand.phases)
    for number, (variables, names) in enumerate([(critic, ["critic"])] * 2 + [(writer, ["answer", "fool"])]):
        trained = [variable for variable in variables if variable.trainable]
        with tf.GradientTape() as tape:
            terms = by_hand.losses(batches[number], tf.constant(2), training=True)
            loss = sum(terms[n].coefficient * terms[n].sum / terms[n].weight for n in names)
        losses.append(float(loss))
        gradients = tape.gradient(loss, [variable.value for variable in trained])
        for variable, gradient in zip(trained, gradients, strict=True):
            variable.assign_sub(0.5 * tf.convert_to_tensor(gradient))
    first, second = (
        [value_of(variable) for phase in learner.phases for variable in phase.variables]
        for learner in (made, by_hand)
    )
    for one, other in zip(first, second, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-6)
    assert [result.sums.loss for result in results] == pytest.approx(losses, rel=1e-5)
    assert [set(result.sums.terms) for result in results] == [{"critic"}, {"critic"}, {"answer", "fool"}]


def test_a_phase_changes_its_variables_alone_to_the_bit() -> None:
    learner = fresh()
    critic, writer = learner.phases
    for phase, other in ((critic, writer), (writer, critic)):
        before = [value_of(variable) for variable in other.variables if variable.trainable]
        Update(learner, keras.optimizers.Adam(0.1), phase=phase)([batch(0)])
        after = [value_of(variable) for variable in other.variables if variable.trainable]
        assert all(np.array_equal(one, two) for one, two in zip(before, after, strict=True))


@pytest.mark.parametrize("count", [1, 2])
def test_terms_with_different_weights_are_accumulated_as_in_the_union(count: int) -> None:
    """Each term is divided by its own weight over all micro-batches; one of them is empty."""
    parts = [batch(seed, rows) for seed, rows in ((0, 3), (1, 9), (2, 4))]
    parts[2]["mask"][:] = False
    union = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    tricks = [GradientClip(norm=0.3)]
    results = []
    learners = fresh(normalized=False), fresh(normalized=False)  # statistics are those of micro-batches
    for learner, accumulation, batches in ((learners[0], 3, parts), (learners[1], 1, [union])):
        phase = Phase("writer", learner.phases[1].variables, ["answer", "fool"][:count])
        update = Update(learner, keras.optimizers.SGD(0.5), tricks, phase=phase, accumulation=accumulation)
        results.append([update(batches, step) for step in range(3)])
    for split, whole in zip(*results, strict=True):
        assert split.gradient_norm == pytest.approx(whole.gradient_norm, rel=1e-4)
        assert split.sums.loss == pytest.approx(whole.sums.loss, rel=1e-5)
        for name, (value, weight) in whole.sums.terms.items():
            assert split.sums.terms[name] == (pytest.approx(value, rel=1e-5), weight)
    for one, other in zip(learners[0].model.weights, learners[1].model.weights, strict=True):
        np.testing.assert_allclose(value_of(one), value_of(other), atol=1e-6)


def test_rounds_are_a_function_of_epoch_and_index() -> None:
    batches = ToyBatches(updates=5)
    rounds = Rounds(batches, 3)
    assert rounds.updates_per_epoch == 2
    assert rounds.rows(1, 1) == [batches.rows(1, 3), batches.rows(1, 4), batches.rows(1, 0)]
    for made, index in zip(rounds.update(1, 1), (3, 4, 0), strict=True):
        np.testing.assert_array_equal(made[0]["char"], batches.update(1, index)[0]["char"])
    assert Rounds(batches, 1).updates_per_epoch == 5
    assert Rounds(ToyBatches(updates=0), 3).updates_per_epoch == 0


class Watch(Listener):
    def __init__(self) -> None:
        self.events: list[Event] = []

    def on(self, event: Event) -> None:
        self.events.append(event)


def test_terms_and_phases_are_recorded(tmp_path: Path) -> None:
    watch = Watch()
    outcome = train(replace(duel_job(tmp_path, train={"epochs": 4, "log_every": 3}), observers=[watch]))
    assert (outcome.progress.step, outcome.progress.epoch) == (8, 4)
    records = [json.loads(line) for line in (tmp_path / "metrics.jsonl").open(encoding="utf-8")]
    logged = [record for record in records if "train/loss" in record]
    assert [record["step"] for record in logged] == [3, 6, 8]
    phases = [f"{phase}/{name}" for phase in PHASED for name in ("learning_rate", "gradient_norm")]
    names = ["loss", *phases, "critic", "answer", "fool"]
    for record in logged:
        assert list(record) == ["step", "epoch", *(f"train/{name}" for name in names)]
        # The loss is not the sum of the terms: `fool` has a small coefficient.
        assert abs(record["train/loss"] - record["train/critic"] - record["train/answer"]) < 0.2
    first = next(event for event in watch.events if isinstance(event, LossLogged))
    steps = [event for event in watch.events if isinstance(event, StepDone)][:3]
    weights = [event.terms["answer"] for event in steps]
    assert min(weights) <= first.terms["answer"] <= max(weights)
    # The critic has two updates a round, and no schedule; the writer's warms up over three.
    assert [r["train/critic/learning_rate"] for r in logged] == pytest.approx([0.05] * 3)
    assert logged[0]["train/writer/learning_rate"] == pytest.approx(0.02 * 3 / 4)
    arrays, _ = Checkpoints(tmp_path).load(8)
    assert int(arrays["optimizer/critic/0000"]) == 16
    assert int(arrays["optimizer/writer/0000"]) == 8


def test_one_block_makes_an_optimizer_for_every_phase(tmp_path: Path) -> None:
    train(duel_job(tmp_path, train={"steps": 2}, optimizer="adam"))
    arrays, _ = Checkpoints(tmp_path).load(2)
    assert [int(arrays[f"optimizer/{name}/0000"]) for name in ("critic", "writer")] == [4, 2]


def test_a_phase_without_optimizer(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the phase 'writer' has none, only critic"):
        train(duel_job(tmp_path, train={"steps": 2}, optimizer={"critic": "sgd"}))


def test_the_batch_of_the_phase_that_failed_is_saved(tmp_path: Path) -> None:
    """The second batch of the critic in the second round: the fifth of the epoch; nothing follows it."""

    def spoilt(epoch: int, index: int, batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {**batch, "factor": np.array(np.inf if (epoch, index) == (1, 4) else 1.0, np.float32)}

    job = replace(duel_job(tmp_path, train={"epochs": 3}), batches=ToyBatches(updates=5, change=spoilt))
    with pytest.raises(Diverged, match=r"update 4 \(epoch 2\) failed: the loss is (inf|nan)"):
        train(job)
    where = json.loads((tmp_path / "diverged" / "batch.json").read_text(encoding="utf-8"))
    assert where["items"] == [[1, 4, 0]]
    saved = np.load(tmp_path / "diverged" / "batch.npz", allow_pickle=False)
    np.testing.assert_array_equal(saved["0/char"], job.batches.update(1, 4)[0]["char"])
    assert Checkpoints(tmp_path).resolve("last") == 2


def test_stages_freeze_parts_of_a_phase_but_leave_each_something(tmp_path: Path) -> None:
    stages = [{"steps": 1, "frozen": ["toy/embedding"]}, {"steps": 1}]
    job = duel_job(tmp_path / "one", train={"stages": stages})
    (tmp_path / "one").mkdir()
    embedding = job.learner.model.writer.embedding.embeddings
    before = value_of(embedding)
    seen = []

    class Look(Listener):
        def on(self, event: Event) -> None:
            if isinstance(event, StepDone):
                seen.append(np.array_equal(value_of(embedding), before))

    train(replace(job, observers=[Look()]))
    assert seen == [True, False]
    with pytest.raises(ConfigError, match=r"^train\.stages\.0: nothing is left to train"):
        train(duel_job(tmp_path, train={"stages": [{"steps": 1, "frozen": ["normalization", "critic"]}]}))


def test_a_phase_may_be_frozen_for_the_whole_of_training(tmp_path: Path) -> None:
    """The other one is trained; only that no phase is would be a mistake."""
    writer = {"type": "freeze", "only": ["toy/*", "prior"]}
    critic = {"type": "freeze", "only": ["critic/*", "normalization/*"]}
    assert Stages(duel_job(tmp_path, tricks=[writer])).plans
    with pytest.raises(ConfigError, match=r"^tricks: nothing is left to train"):
        Stages(duel_job(tmp_path, tricks=[writer, critic]))
