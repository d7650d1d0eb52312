"""`nlpx export`: write a run as a bundle, or as a file that needs NumPy alone."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli import completed
from nlpx.cli.chosen_run import ChosenRun, choose
from nlpx.cli.echo import echo, echo_json, tell
from nlpx.cli.options import checkpoint_option, include_option, json_option, root_option, set_option
from nlpx.cli.output_file import OutputFile, OutputPath
from nlpx.core.zip_files import is_zip
from nlpx.errors import UsageError

if TYPE_CHECKING:
    from nlpx.workflow.model import OpenModel

SUFFIX = ".npz"
BUNDLE, NPZ = "bundle", "npz"
GRAPHS = ("onnx", "savedmodel", "litert")


@click.command(epilog="Example: nlpx export RUN --to bundle --output FOLDER")
@click.argument("run", required=False, shell_complete=completed.runs)
@click.option(
    "--to",
    "form",
    type=click.Choice([BUNDLE, *GRAPHS, NPZ]),
    help="What to write; default: npz if --output is FILE.npz, otherwise bundle.",
)
@click.option(
    "--output",
    type=OutputPath(path_type=Path),
    help="The new folder (default: in RUN, with the name of the form), or FILE.zip; or FILE.npz.",
)
@click.option(
    "--quantize",
    type=click.Choice(["int8"]),
    help="Weights of a bundle as int8: smaller and mostly faster, with predictions that may differ.",
)
@set_option()
@checkpoint_option
@root_option
@include_option
@json_option
def command(
    run: str | None,
    form: str | None,
    output: Path | None,
    quantize: str | None,
    overrides: tuple[str, ...],
    checkpoint: str,
    root: Path,
    includes: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Write RUN in a form that needs no TensorFlow. RUN is a folder or an id under --root; default: the
    newest finished run.

    A bundle is a folder with ONNX graphs, vocabularies and decoder, for `nlpx predict`, `nlpx eval` and
    `nlpx.load`. It can be used anywhere, also read-only, and as a single zip file. Before it is written, its
    predictions for texts of many lengths and for validation rows must be those of the run, in batches of
    several sizes. With --quantize, the metrics of validation rows are printed before and after; both are also
    in the manifest and the model card.

    The forms onnx, savedmodel and litert are a folder with the graphs alone, which are compared in the same
    way, and graphs.json, which lists their inputs and outputs.

    An npz file needs NumPy alone: a module of nlpx reads it, which can be copied elsewhere; its path is
    printed. Only runs of the task segmentation have one whose model consists of convolutions, as in
    configs/segmentation/nncws.yaml.
    """
    form = form or (NPZ if output and not is_zip(output) else BUNDLE)
    if form == NPZ and (output is None or output.suffix.lower() != SUFFIX):
        raise UsageError(
            f"--output {output or ''}: expected a name that ends in {SUFFIX}, or --to {BUNDLE} and a new "
            "folder."
        )
    if quantize and form != BUNDLE:
        raise UsageError(f"--quantize is for --to {BUNDLE}.")
    used = choose(root, run, includes)
    used.expect_weights()
    if form != NPZ:
        written = _write_folder(
            used, form, output, overrides, checkpoint, includes, int8=quantize is not None
        )
    else:
        written = _write_npz(used, Path(str(output)), overrides, checkpoint, includes)
    if as_json:
        echo_json({"run": str(used.run.path), **written})
        return
    echo(str(written["file"]))
    if form != NPZ:
        compared = f"{written['texts']} inputs and {written['rows']} validation rows"
        same = "with float32 weights, the same predictions as" if quantize else "the same predictions as"
        but = f", except for {written['ties']} ties" if written["ties"] else ""
        tell(f"{written['bytes']:,} bytes; {same} the run for {compared}{but}")
    else:
        runtime = str(written["runtime"])
        file = Path(str(written["file"])).name
        tell(f"{runtime} reads it and needs NumPy alone: python {Path(runtime).name} {file} < TEXT")


def _write_folder(
    used: ChosenRun,
    form: str,
    output: Path | None,
    overrides: tuple[str, ...],
    checkpoint: str,
    includes: tuple[Path, ...],
    *,
    int8: bool,
) -> dict[str, object]:
    from nlpx.runs.bundle_files import expect_free
    from nlpx.runs.directory import is_bundle
    from nlpx.workflow.export import export_bundle, refuse_unexportable
    from nlpx.workflow.export_graphs import ONNX, export_graphs

    path = output or used.run.path / form
    refuse_unexportable(used.experiment, onnx=form in (BUNDLE, ONNX))
    if output is None and is_bundle(path):
        raise UsageError(
            f"{path}: this run has a bundle, which `nlpx predict {used.run.path}` uses. Choose an --output "
            "for another one, or delete it."
        )
    expect_free(path)
    model = _open(used, overrides, checkpoint, includes)
    if form == BUNDLE:
        done = export_bundle(model, path, tell, int8=int8)
    else:
        done = export_graphs(model, path, form, tell)
    written: dict[str, object] = {"file": str(path), "bytes": done.bytes}
    written |= {"texts": done.texts, "rows": done.rows, "ties": done.tied}
    if done.rounded is None:
        return written
    tell(done.rounded.describe())
    return {**written, "quantization": done.rounded.record.model_dump()}


def _write_npz(
    used: ChosenRun, output: Path, overrides: tuple[str, ...], checkpoint: str, includes: tuple[Path, ...]
) -> dict[str, object]:
    from importlib.util import find_spec

    from nlpx.config.paths import files_read

    target = OutputFile(output, [used.run.path, *files_read(used.experiment)])
    model = _open(used, overrides, checkpoint, includes)
    arrays = model.predictor.export()
    content = BytesIO()
    import numpy as np

    np.savez(content, allow_pickle=False, **arrays)
    with target.open() as file:
        file.buffer.write(content.getvalue())
    spec = find_spec(model.predictor.runtime)
    runtime = str(spec.origin) if spec else model.predictor.runtime
    return {"step": model.step, "file": str(output), "bytes": len(content.getvalue()), "runtime": runtime}


def _open(
    used: ChosenRun, overrides: tuple[str, ...], checkpoint: str, includes: tuple[Path, ...]
) -> OpenModel:
    from nlpx.workflow.model import open_model

    return open_model(used.root, str(used.run.path), checkpoint, includes, overrides)
