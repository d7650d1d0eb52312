"""Add trials to a sweep, as far as its budget and its space allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from nlpx.config.problems import ConfigProblems
from nlpx.runs.identity import config_id
from nlpx.specs.predictor import Say
from nlpx.sweeps.ledger import Ledger, Trial
from nlpx.sweeps.load import LoadedSweep
from nlpx.sweeps.results import Outcome
from nlpx.sweeps.samplers import propose
from nlpx.sweeps.spec import Budget


def add_proposal(
    sweep: LoadedSweep,
    ledger: Ledger,
    outcomes_now: Callable[[], Sequence[Outcome]],
    say: Say,
    stopped: Callable[[], bool] = lambda: False,
) -> bool:
    """Propose a trial and record it; False if the number of trials or the space is exhausted, or `stopped`.

    Args:
        outcomes_now: reads all trials; only one process at a time reads and adds.
        say: prints a message.
        stopped: whether to wait no longer for another process that proposes.
    """
    with ledger.proposing(stopped) as alone:
        if not alone:
            return False
        outcomes = outcomes_now()
        number, most = ledger.next_number([each.trial for each in outcomes]), sweep.spec.budget.trials
        if most is not None and len(outcomes) >= most:
            return False
        known = [outcome for outcome in outcomes if outcome.decision != "open"]
        taken = [outcome.trial.point for outcome in outcomes]
        point = propose(sweep.spec, number, sweep.direction, known, taken)
        if point is None:
            return False
        config = problem = ""
        try:
            config = config_id(sweep.experiment(point).model_dump(mode="json"))
        except ConfigProblems as error:
            problem = str(error)
            say(f"trial {number}: is not valid and left out: {error}")
        after = [outcome.trial.number for outcome in known]
        ledger.add(Trial(number=number, point=dict(point), config=config, after=after, problem=problem))
    return True


def exhausted(budget: Budget, outcomes: Sequence[Outcome], seconds: Mapping[Path, float]) -> bool:
    """Whether the budget does not allow another run.

    Args:
        seconds: the time of training of runs that are being trained by this process.
    """
    results = {result.path: result for outcome in outcomes for result in outcome.results}
    steps = sum(result.step for result in results.values())
    time = sum(seconds.get(path, result.seconds) for path, result in results.items())
    return bool(budget.steps and steps >= budget.steps) or bool(budget.hours and time >= budget.hours * 3600)
