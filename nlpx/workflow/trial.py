"""A model with its data, ready for a few steps of training that leave nothing behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.config.load import load_experiment
from nlpx.config.run_names import RUNS
from nlpx.data.prepared import Prepared
from nlpx.runs.framework import framework
from nlpx.specs.experiment import Experiment
from nlpx.specs.predictor import Say
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.job import job_of
from nlpx.workflow.of_run import buildable
from nlpx.workflow.pretrained import load_pretrained
from nlpx.workflow.warm_start import warm_start

if TYPE_CHECKING:
    from nlpx.engine.learner import Learner
    from nlpx.engine.stages import Stages


@dataclass(frozen=True)
class Trial:
    """An experiment with its model and encoded data.

    Attributes:
        cache: folder of encoded data.
    """

    experiment: Experiment
    prepared: Prepared
    learner: Learner
    cache: Path

    def stages(self, experiment: Experiment | None = None) -> Stages:
        """The stages of training, none of which has begun.

        Args:
            experiment: the config with other values of `train` or `optimizer`.
        """
        from nlpx.engine.learner import Evaluation
        from nlpx.engine.stages import Stages

        changed = experiment or self.experiment
        batches = changed.batches(self.prepared.items, self.learner, self.cache)
        return Stages(job_of(changed, self.learner, batches, Path(), lambda: Evaluation({})))

    @property
    def sizes(self) -> Mapping[str, str]:
        """Numbers of rows and tokens, in words."""
        counts, vocabularies = self.prepared.counts, self.prepared.vocabularies
        return {
            "rows": ", ".join(f"{split} {found.rows}" for split, found in counts.items()),
            "vocabularies": ", ".join(f"{name} {len(found)}" for name, found in vocabularies.items()),
        }


def open_trial(
    config: Path, overrides: Sequence[str], includes: Sequence[Path], say: Say, runs: Path = RUNS
) -> Trial:
    """Check config and data, and build the model; only the data cache is written.

    Raises:
        NlpxError: the config, the data or a file that it names is invalid.
    """
    experiment = load_experiment(config, overrides, includes, runs=runs).experiment
    corpus = open_corpus(experiment)
    prepared = corpus.prepare(say)
    with framework(None):
        from nlpx.engine.train import configure
    configure(experiment.seed, experiment.train)
    with buildable():
        learner = experiment.learner(corpus.codec, prepared.vocabularies)
    experiment.initialize(learner, corpus.cache)
    load_pretrained(experiment, learner, prepared.vocabularies, say)
    warm_start(experiment, learner, prepared.vocabularies, includes, say)
    return Trial(experiment, prepared, learner, corpus.cache)
