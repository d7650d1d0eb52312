"""Run a sweep: propose trials, train their runs, stop bad ones, until the budget is used up.

Several processes, on several machines, may run the same sweep in the same folder.
"""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from nlpx.engine.signals import StopRequest
from nlpx.errors import DamagedRun, EnvironmentProblem, Interrupted
from nlpx.runs.directory import RunDirectory
from nlpx.runs.lock import claim
from nlpx.runs.paths import RunPaths
from nlpx.specs.predictor import Say
from nlpx.sweeps.ledger import Ledger, Trial
from nlpx.sweeps.load import LoadedSweep
from nlpx.sweeps.process import Process, RunJob, Trainer
from nlpx.sweeps.proposals import add_proposal, exhausted
from nlpx.sweeps.prune import hopeless
from nlpx.sweeps.recorded import expect_config, recorded
from nlpx.sweeps.results import FINAL, Outcome, Result, Runs, intermediate

POLL = 0.2
LOOK_AGAIN = 5.0
"""Seconds until a free place looks for runs that other processes have left."""
PATIENCE = 30.0
"""Seconds that runs have to save a checkpoint when the sweep fails."""
MOST_FAILURES = 3
"""Number of runs that fail one after the other, after which a sweep gives up."""
SIGNALS = (130, 143, -2, -15)


@dataclass
class Runner:
    """A sweep that is being run.

    Args:
        sweep: what is run.
        output: the folder of all runs.
        jobs: number of runs that are trained at a time.
        say: prints a message.
        trainer: the commands that train a run.

    Attributes:
        failed: runs that have failed, or were stopped by a signal, with the reason; they are resumed by the
            next process.
        spent: whether the budget did not allow another run.
    """

    sweep: LoadedSweep
    output: Path
    jobs: int
    say: Say
    trainer: Trainer
    failed: dict[Path, str] = field(default_factory=dict)
    spent: bool = False

    def __post_init__(self) -> None:
        sweep = self.sweep
        self.ledger = Ledger.of(self.output, sweep.name, sweep.id)
        self.runs = Runs(self.output, sweep.base.experiment.type, sweep.name, sweep.metric)
        self._active: list[Process] = []
        self._in_a_row = 0
        self._look_again = 0.0
        self._request = StopRequest()

    def outcomes(self) -> list[Outcome]:
        """What came of all trials so far."""
        return [self.runs.outcome(trial, self.sweep.seeds) for trial in recorded(self.sweep, self.ledger)]

    def run(self) -> None:
        """Train until nothing is left that this process could do.

        Raises:
            Interrupted: a signal came; all runs have saved a checkpoint.
            EnvironmentProblem: several runs in a row failed, or the folder cannot be written.
        """
        self.ledger.make()
        with self._request as request:
            try:
                while request.number is None:
                    if self._reap() or not self._active or time.monotonic() > self._look_again:
                        self._fill()
                        self._look_again = time.monotonic() + LOOK_AGAIN
                    if not (self._active or self._stopped()):
                        return
                    self._watch()
                    time.sleep(POLL)
                self._stop_all()
            except Interrupted:  # a second Ctrl-C
                for active in self._active:
                    active.kill()
                raise
            finally:
                self._end()
        raise Interrupted(request.number, "the sweep is stopped.")

    def _fill(self) -> None:
        """Start runs on all free places, as far as there are any to start."""
        while len(self._active) < self.jobs:
            process = self._next()
            if process is None:
                return
            self._active.append(process)

    def _next(self) -> Process | None:
        """Start the next run: of the first trial that lacks one, or of a new trial; None if there is none."""
        while True:
            outcomes = self.outcomes()
            seconds = {active.job.run.path: active.seconds for active in self._active}
            if exhausted(self.sweep.spec.budget, outcomes, seconds):
                self.spent = True
                return None
            for outcome in outcomes:
                for result in outcome.results if outcome.decision == "open" else ():
                    if result.status in ("new", "stopped"):
                        process = self._started(outcome.trial, result.seed)
                        if process is not None:
                            return process
                    elif result.status == "broken":
                        self._note_broken(outcome.trial, result)
            if not add_proposal(self.sweep, self.ledger, self.outcomes, self.say, self._stopped):
                return None

    def _started(self, trial: Trial, seed: int) -> Process | None:
        """Start a run, unless it has failed before or another process trains it."""
        path = self.runs.path(trial.config, seed)
        if path in self.failed or any(path == active.job.run.path for active in self._active):
            return None
        claimed = claim(self.ledger.lock_of(path.name))
        if claimed is None:
            return None
        try:
            result = self.runs.result(trial.config, seed)  # another process may just have trained it
            if result.status not in ("new", "stopped"):
                claimed.release()
                return None
            expect_config(self.sweep, self.ledger, trial)
            if result.status == "new" and path.exists():
                shutil.rmtree(path)  # its process was killed before training began
            job = RunJob(trial, seed, RunPaths(path), result.status == "stopped", result.seconds)
            command = self.trainer.command(job, self.sweep.arguments(trial.point))
            process = Process.start(job, claimed, self.ledger.printed(path.name), command, self.jobs)
        except BaseException:
            claimed.release()
            raise
        values = ", ".join(f"{name}={value}" for name, value in trial.point.items())
        self.say(f"{job}: {'resumed' if job.resume else 'started'} with {values}")
        return process

    def _watch(self) -> None:
        """Record the time of training, and stop runs that are hopeless."""
        for active in self._active:
            active.mark(self.sweep.name)
            with suppress(OSError):
                size = active.job.run.metrics_jsonl.stat().st_size
                if size != active.size and not active.pruned:
                    active.size = size
                    self._look(active)

    def _look(self, active: Process) -> None:
        with suppress(DamagedRun):
            values = intermediate(RunDirectory(active.job.run.path), self.sweep.metric)
            if self.sweep.spec.prune is None or not values:
                return
            others = [
                result.values
                for outcome in self.outcomes()
                for result in outcome.results
                if result.seed == active.job.seed and result.status in FINAL
            ]
            active.pruned = hopeless(self.sweep.spec.prune, self.sweep.direction, values, others)
        if active.pruned:
            # First the mark: if this process is killed now, the run still is never resumed.
            active.mark(self.sweep.name, now=True)
            active.stop()

    def _reap(self) -> bool:
        """Take note of processes that have ended; False if there are none."""
        ended = [each for each in self._active if each.process.poll() is not None]
        for active in ended:
            self._active.remove(active)
            self._ended(active, active.process.returncode)
        return bool(ended)

    def _ended(self, active: Process, code: int) -> None:
        job = active.job
        active.mark(self.sweep.name, now=True)
        result = self.runs.result(job.trial.config, job.seed)
        active.claim.release()
        if result.status in FINAL:
            self._in_a_row = 0
            self._tell(job, result.status, result.value, result.step, result.problem)
        elif code in SIGNALS:
            self.failed[job.run.path] = "stopped by a signal"
            self.say(f"{job}: stopped by a signal")
        else:
            words = result.problem or active.last_words()
            self.failed[job.run.path] = f"exit code {code}"
            self.say(f"{job}: failed with exit code {code}. The end of {active.printed}:\n{words}")
            self._in_a_row += 1
            if self._in_a_row >= MOST_FAILURES:
                raise EnvironmentProblem(
                    f"{MOST_FAILURES} runs failed one after the other; the last one with exit code {code}:\n"
                    f"{words}\nCorrect this, and run the sweep again."
                )

    def _tell(self, job: RunJob, status: str, value: float | None, step: int, problem: str) -> None:
        metric = self.sweep.metric
        if status == "finished":
            number = "not a number" if value is None else f"{value:.4f}"
            self.say(f"{job}: finished at step {step}, {metric} {number}")
            outcome = self.runs.outcome(job.trial, self.sweep.seeds)
            last = not any(active.job.trial == job.trial for active in self._active)
            if outcome.mean is not None and len(self.sweep.seeds) > 1 and last:
                seeds = len(outcome.values)
                self.say(f"trial {job.trial.number}: {metric} {outcome.mean:.4f}, mean of {seeds} seeds")
        elif status == "pruned":
            self.say(f"{job}: stopped early: {problem}")
        else:
            self.say(f"{job}: diverged")

    def _note_broken(self, trial: Trial, result: Result) -> None:
        if result.path not in self.failed:
            self.failed[result.path] = "damaged; correct or delete it first"
            self.say(f"trial {trial.number}, seed {result.seed}: left out: {result.problem}")

    def _stopped(self) -> bool:
        return self._request.number is not None

    def _stop_all(self) -> None:
        if self._active:
            self.say("stopping: waiting for the runs to save a checkpoint; Ctrl-C again ends them at once")
        for active in self._active:
            active.stop()
        for active in self._active:
            active.process.wait()

    def _end(self) -> None:
        """Leave no process behind, and record the time of training."""
        for active in self._active:
            active.stop()
        deadline = time.monotonic() + PATIENCE
        for active in self._active:
            with suppress(TimeoutError):
                _wait(active, deadline)
            active.kill()
            with suppress(EnvironmentProblem):
                active.mark(self.sweep.name, now=True)
            active.claim.release()
        self._active.clear()


def _wait(active: Process, deadline: float) -> None:
    while active.process.poll() is None:
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(POLL / 4)
