"""`nlpx eval`: compute the metrics of a run on a split."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli import completed
from nlpx.cli.echo import echo, echo_json, tell
from nlpx.cli.options import (
    FOLDER,
    checkpoint_option,
    engine_option,
    include_option,
    json_option,
    precision_option,
    root_option,
    set_option,
)

if TYPE_CHECKING:
    from nlpx.workflow.engine import Engine


@click.command()
@click.argument("run", required=False, shell_complete=completed.runs)
@click.option(
    "--split",
    default="test",
    show_default=True,
    help="train, valid or test.",
    shell_complete=completed.splits,
)
@checkpoint_option
@precision_option
@engine_option("auto: TensorFlow; results of onnxruntime are not stored.")
@click.option(
    "--errors", type=click.IntRange(min=0), default=0, help="Also list this many of the worst predictions."
)
@set_option("Override a value, e.g. decode=argmax or metrics=[nll]; results are then not stored.")
@click.option("--data-root", type=FOLDER, help="Folder of the corpus files on this machine.")
@click.option(
    "--reference", is_flag=True, help="Also evaluate the reference system of the task, if it has one."
)
@root_option
@include_option
@json_option
def command(
    run: str | None,
    split: str,
    checkpoint: str,
    engine: Engine,
    precision: tuple[str, ...],
    errors: int,
    overrides: tuple[str, ...],
    data_root: Path | None,
    reference: bool,
    root: Path,
    includes: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Evaluate RUN on a split. RUN is a folder or an id under --root; default: the newest finished run.

    Metrics and predictions are also written to eval/SPLIT.json and eval/SPLIT.predictions.jsonl in the run.
    With --set, which selects other data, decoders or metrics, and with --precision, they are only printed.
    data.on_bad_line determines whether bad rows are an error, or are left out and counted. A data.limit of
    the run also applies to other data. --errors prints the value by which the list is sorted next to each
    prediction.
    """
    from nlpx.cli.chosen_run import choose
    from nlpx.cli.tables import print_explained, print_metrics
    from nlpx.workflow.evaluate import evaluate_run
    from nlpx.workflow.model import open_model

    overrides = (*overrides, *precision)
    chosen = choose(root, run, includes)
    chosen.expect_engine(engine)
    used = "tensorflow" if engine == "auto" else engine
    model = open_model(root, str(chosen.run.path), checkpoint, includes, overrides, engine=used)
    result = evaluate_run(
        model,
        split,
        tell,
        data_root=data_root,
        worst=errors,
        reference=reference,
    )
    if reference and not result.references:
        click.echo(f"--reference: the task {chosen.experiment.type} has no reference system.", err=True)
    worst = result.report.worst
    measure = worst[0][1].severity_is if worst else ""
    if as_json:
        found = result.to_json()
        if errors:
            listed = [{"badness": finite(severity), **example.to_json()} for severity, example in worst]
            found["worst"] = {"badness_is": measure, "examples": listed}
        echo_json(found)
        return
    echo(f"{model.run.path}  step {result.step}  {split}: {result.report.rows} rows")
    print_metrics(split, result.report.metrics, result.references)
    for name, signature in result.report.signatures.items():
        click.echo(f"{name}: {signature}")
    print_explained(metric.type for metric in model.experiment.metrics)
    if worst:
        click.echo(f"worst predictions by {measure}:")
    for severity, example in worst:
        echo(f"{severity:8.4f}  {example.describe()}")


def finite(number: float) -> float | None:
    """A number that JSON can represent; None if it is infinite."""
    return number if math.isfinite(number) else None
