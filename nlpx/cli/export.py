"""`nlpx export`: write a run as a file that needs NumPy alone."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import click

from nlpx.cli.chosen_run import choose
from nlpx.cli.echo import echo, echo_json, tell
from nlpx.cli.options import checkpoint_option, include_option, json_option, root_option, set_option
from nlpx.cli.output_file import OutputFile, OutputPath
from nlpx.errors import UsageError

SUFFIX = ".npz"


@click.command(epilog="Example: nlpx export RUN --output segmenter.npz")
@click.argument("run", required=False)
@click.option(
    "--output", required=True, type=OutputPath(dir_okay=False, path_type=Path), help="Write to FILE.npz."
)
@set_option()
@checkpoint_option
@root_option
@include_option
@json_option
def command(
    run: str | None,
    output: Path,
    overrides: tuple[str, ...],
    checkpoint: str,
    root: Path,
    includes: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Write RUN as a file that needs NumPy alone. RUN is a folder or an id under --root; default: the newest
    finished run.

    The file contains weights, vocabulary and decoder. It is read by a module of nlpx that imports only NumPy,
    which can be copied elsewhere; its path is printed. Before the file is written, the module must give the
    same predictions as the run. Only runs of the task segmentation can be exported whose model consists of
    convolutions, as in configs/segmentation/nncws.yaml.
    """
    if output.suffix.lower() != SUFFIX:
        raise UsageError(f"{output}: expected a name that ends in {SUFFIX}.")
    from importlib.util import find_spec

    from nlpx.config.paths import files_read
    from nlpx.workflow.model import open_model

    used = choose(root, run, includes)
    target = OutputFile(output, [used.run.path, *files_read(used.experiment)])
    model = open_model(root, str(used.run.path), checkpoint, includes, overrides)
    arrays = model.predictor.export()
    content = BytesIO()
    import numpy as np

    np.savez(content, allow_pickle=False, **arrays)
    with target.open() as file:
        file.buffer.write(content.getvalue())
    spec = find_spec(model.predictor.runtime)
    runtime = str(spec.origin) if spec else model.predictor.runtime
    if as_json:
        size = len(content.getvalue())
        written = {"run": str(used.run.path), "step": model.step, "file": str(output), "bytes": size}
        echo_json({**written, "runtime": runtime})
        return
    echo(str(output))
    tell(f"{runtime} reads it and needs NumPy alone: python {Path(runtime).name} {output.name} < TEXT")
