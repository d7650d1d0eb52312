"""Records for Weights & Biases, offline."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import PrivateAttr

from nlpx.components.observers.project_recorder import Place, ProjectRecorder
from nlpx.components.observers.run_facts import Ending, RunFacts

LONGEST_TAG = 64


class WandB(ProjectRecorder):
    """Record the run for Weights & Biases offline, in the folder `wandb` next to the folders of the tasks.

    The summary also has `nlpx.status` and the metrics of the final evaluation. Nothing is sent anywhere,
    whatever $WANDB_MODE says. The file is complete when the run ends; the one of a killed run may be empty
    until it is resumed, which replaces its folder `offline-run-DATE-ID` by a complete one.

    Options:
        project: name of the project of Weights & Biases; default: the task.
    Shapes: history by step: train/loss, train/learning_rate, valid/METRIC, best/METRIC. Summary: test/METRIC.
    Data: any.
    Relations: changes no result. `wandb sync runs/wandb/offline-run-DATE-ID` uploads a record if you want
        that. $NLPX_RECORDS names another folder for them.
    Reference: wandb.init with mode=offline.
    Example:
        observers: [wandb]
    """

    extra: ClassVar[str] = "wandb"

    type: Literal["wandb"] = "wandb"

    _run: Any = PrivateAttr(None)

    def _begin_or_continue(self, facts: RunFacts, project: str) -> Collection[Place]:
        os.environ["WANDB_ERROR_REPORTING"] = "false"  # read when wandb is imported
        import wandb

        older = set(self.folder.glob(f"offline-run-*-{facts.id}"))
        self._run = wandb.init(
            dir=self.folder.parent,  # wandb adds `wandb`
            project=project,
            id=facts.id,
            name=facts.name,
            config=dict(facts.parameters),
            tags=_tags(facts.tags),
            notes=facts.note,
            mode="offline",
            reinit="create_new",
            settings=wandb.Settings(
                console="off",
                silent=True,
                disable_code=True,
                disable_git=True,
                disable_job_creation=True,
                save_code=False,
                x_disable_machine_info=True,
                x_disable_meta=True,
                x_disable_stats=True,
            ),
        )
        written = Path(self._run.settings.sync_dir)
        if self.folder.resolve() != written.resolve().parent:
            raise OSError(f"wandb writes to {written} instead, so the folder cannot be written")
        self._run.summary["nlpx.status"] = "running"
        # The file cannot be continued; the new one is written from the beginning.
        for folder in older - {written}:
            shutil.rmtree(folder)
        return ()

    def _write(self, step: int, numbers: Mapping[str, float]) -> None:
        self._run.log(dict(numbers), step=step)

    def _write_final(self, step: int, numbers: Mapping[str, float]) -> None:
        # The history cannot go back to the step of the best checkpoint.
        self._run.summary.update({**numbers, "best_step": step})

    def _end(self, ending: Ending, tags: Sequence[str], note: str) -> None:
        self._run.tags = tuple(_tags(tags))
        self._run.notes = note
        self._run.summary["nlpx.status"] = ending
        self._run.finish(exit_code=0 if ending == "finished" else 1)
        # `finish` does not wait for the file, which is only complete when the service has ended.
        self._abandon()

    def _abandon(self) -> None:
        """End the service, which writes the file, unless another run of this process needs it."""
        import wandb

        if wandb.run is None:
            wandb.teardown()


def _tags(tags: Sequence[str]) -> list[str]:
    """As Weights & Biases takes them."""
    return list(dict.fromkeys(tag[:LONGEST_TAG] for tag in tags))
