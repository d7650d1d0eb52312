"""Try a config with a few steps of training."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from nlpx.config.run_names import RUNS
from nlpx.specs.predictor import Say
from nlpx.workflow.trial import open_trial

DRY_STEPS = 5


def dry_run(
    config: Path, overrides: Sequence[str], includes: Sequence[Path], say: Say, runs: Path = RUNS
) -> Mapping[str, str]:
    """Check config and data, build the model and run a few steps; only the data cache is written."""
    trial = open_trial(config, overrides, includes, say, runs)
    from nlpx.engine.state import Progress

    stages = trial.stages()
    shapes: dict[str, str] = {}
    times: dict[str, str] = {}
    for plan in stages.plans:
        stages.enter(Progress(stage=plan.number))
        update = stages.batches(plan.first_epoch, 0, 0)
        shapes = shapes or {name: "x".join(map(str, array.shape)) for name, array in update[0][0].items()}
        time_per_step = _time_per_step(partial(stages.step, update, 0))
        prefix = f"stage {plan.number + 1} " if stages.staged else ""
        if groups := stages.step.groups:
            times[f"{prefix}tricks"] = f"\n{'':16}".join(groups)
        if stages.staged:
            times[f"stage {plan.number + 1}"] = (
                f"{plan.total} steps, {plan.optimizer_names}, trains {plan.trained:,} parameters, "
                f"{time_per_step}"
            )
        else:
            times["time per step"] = time_per_step
    return {
        **trial.sizes,
        "batch": ", ".join(f"{name} {shape}" for name, shape in shapes.items()),
        "parameters": f"{trial.learner.model.count_params():,}",
        "steps": f"{stages.rounds.updates_per_epoch} per epoch",
        **times,
    }


def _time_per_step(step: Callable[[], object]) -> str:
    first = _seconds(step)
    times = sorted(_seconds(step) for _ in range(DRY_STEPS))
    return f"{1e3 * times[DRY_STEPS // 2]:.1f} ms (first step, with compilation: {first:.1f} s)"


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
