"""Train one experiment into a run directory, from the start or from where it stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.config.load import Loaded
from nlpx.data.encoding import Prepared
from nlpx.errors import Diverged, Interrupted, NlpxError, UsageError
from nlpx.inference.evaluate import Report, evaluate
from nlpx.runs.directory import RunDirectory
from nlpx.runs.snapshot import snapshot, verify_resume
from nlpx.tasks.base import Answer
from nlpx.workflow.corpus import Corpus, open_corpus
from nlpx.workflow.model import OpenModel

if TYPE_CHECKING:
    from nlpx.training.train import Outcome

Report_ = Callable[[str], None]


@dataclass(frozen=True)
class Finished:
    """A finished training.

    Attributes:
        run: where everything lies.
        outcome: what the loop says.
        test: metrics of the best checkpoint on the split test (valid where there is none), with its name.
        samples: upper lines, sentences, ... of the config with their answers.
    """

    run: RunDirectory
    outcome: Outcome
    split: str
    test: Report
    samples: list[tuple[str, Answer]]
