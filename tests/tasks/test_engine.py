"""Whether a run is used by its own bundle, and how the bundle gets there."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import keras
import pytest

import nlpx as package
from nlpx.errors import NlpxError
from nlpx.runs.config import load_run
from nlpx.runs.directory import RunDirectory
from nlpx.workflow import auto_export
from nlpx.workflow.auto_export import export_trained
from nlpx.workflow.engine import own_bundle
from nlpx.workflow.model import OpenModel
from nlpx.workflow.train import resume_run
from tests.tasks.conftest import Command, nlpx
from tests.trained import SEGMENTATION, TrainOnce

__all__ = ["nlpx"]

pytest.importorskip("tf2onnx")
pytest.importorskip("onnxruntime")

ASKED = ("--text", "研究生命的起源")
STOPPED = "interrupted\n"


@pytest.fixture(scope="module")
def made(trained_once: TrainOnce, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was stopped during its final evaluation, and resumed where bundles are written."""
    run = tmp_path_factory.mktemp("made") / "tiny"
    shutil.copytree(trained_once(SEGMENTATION).path, run)
    (run / "STATUS").write_text(STOPPED, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NLPX_EXPORT")
        resume_run(Path(), str(run), (), lambda line: None)
    return run


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "tiny"))


def test_a_finished_training_leaves_its_bundle(made: Path) -> None:
    manifest = json.loads((made / "bundle" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["run"], manifest["task"]) == ("tiny", "segmentation")
    assert f"step-{manifest['step']:08d}" == (made / "best").read_text(encoding="utf-8").strip()
    assert "predicts without TensorFlow" in (made / "log.txt").read_text(encoding="utf-8")
    assert package.load(made).path == made


@pytest.mark.parametrize("changed", ["resolved.yaml", "calibration.json", "best"])
def test_a_bundle_of_something_else_is_not_used(run: Path, changed: str) -> None:
    directory, experiment = RunDirectory.open(run), load_run(RunDirectory.open(run)).experiment
    step = str(own_bundle(directory, "best", experiment).manifest.step)
    with (run / changed).open("w", encoding="utf-8") as file:
        file.write("step-00000999\n" if changed == "best" else "{}")
    with pytest.raises(NlpxError, match=f"from step {step}, and not from .* best .* delete the folder"):
        own_bundle(directory, "best", experiment)
    assert changed != "best" or own_bundle(directory, step, experiment)


@pytest.mark.parametrize("int8", [True, False])
def test_a_bundle_of_other_weights_or_settings_is_not_used(run: Path, int8: bool) -> None:
    path = run / "bundle" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) | {"origin": ""}
    if int8:
        changed = {"weights": "int8", "rows": 1, "equal": 1, "before": {}, "after": {}, "bytes": [2, 1]}
        manifest["quantization"] = changed
    path.write_text(json.dumps(manifest), encoding="utf-8")
    directory = RunDirectory.open(run)
    made = "has int8 weights" if int8 else "was exported with other settings"
    with pytest.raises(NlpxError, match=f"this bundle {made}.* give its folder"):
        own_bundle(directory, "best", load_run(directory).experiment)


def test_another_precision_needs_tensorflow(run: Path, nlpx: Command) -> None:
    asked = ("predict", run, *ASKED, "--precision", "bfloat16")
    shown = nlpx(*asked, "--engine", "onnx")
    assert (shown.code, "computes in float32. Another precision needs the run" in shown.text) == (2, True)
    shown = nlpx(*asked)
    keras.config.set_dtype_policy("float32")
    assert (shown.code, "Predicting with TensorFlow." in shown.err) == (0, True), shown.text


def test_a_damaged_bundle_is_told_and_not_used(run: Path, nlpx: Command) -> None:
    expected = nlpx("predict", run, *ASKED)
    (run / "bundle" / "golden.json").write_bytes(b"[]")
    assert nlpx("predict", run, *ASKED, "--engine", "onnx").code == 4
    shown = nlpx("predict", run, *ASKED)
    assert (shown.code, shown.out, expected.err) == (0, expected.out, "")
    assert "golden.json: damaged" in shown.err and "Predicting with TensorFlow." in shown.err
    shutil.rmtree(run / "bundle")
    refused = nlpx("predict", run, *ASKED, "--engine", "onnx")
    assert (refused.code, f"Make it: nlpx export {run} --to bundle" in refused.text) == (2, True)


def test_a_run_is_exported_into_itself_once(made: Path, nlpx: Command) -> None:
    again = nlpx("export", made)
    assert (again.code, f"bundle: this run has a bundle, which `nlpx predict {made}` uses" in again.text) == (
        2,
        True,
    )


def test_a_bundle_has_no_tensorflow(made: Path, nlpx: Command) -> None:
    for command in (("predict", made / "bundle", *ASKED), ("eval", made / "bundle")):
        refused = nlpx(*command, "--engine", "tensorflow")
        assert (refused.code, "is a bundle. Give the run." in refused.text) == (2, True)
    with pytest.raises(NlpxError, match="cannot be changed"):
        package.load(made, overrides={"model.embedding.dim": 7})


def test_evaluations_of_onnxruntime_are_not_stored(run: Path, nlpx: Command) -> None:
    stored = json.loads((run / "eval" / "test.json").read_text(encoding="utf-8"))
    shutil.rmtree(run / "eval")
    shown = json.loads(nlpx("eval", run, "--engine", "onnx", "--json").out)
    assert shown["metrics"] == pytest.approx(stored["metrics"], rel=1e-4)
    assert not any((folder / "eval").exists() for folder in (run, run / "bundle"))


@pytest.mark.parametrize(
    ("export", "variable", "said"),
    [
        ("never", "", ""),
        ("auto", "never", ""),
        ("auto", "always", "no bundle: $NLPX_EXPORT is 'always'. Expected auto or never."),
        ("auto", "", "no bundle: RuntimeError: a bug of a converter"),
    ],
)
def test_no_export_fails_a_training(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, export: str, variable: str, said: str
) -> None:
    def broken(*arguments: object) -> None:
        raise RuntimeError("a bug\nof a converter")

    monkeypatch.setattr(auto_export, "export_bundle", broken)
    monkeypatch.setenv("NLPX_EXPORT", variable)
    model = SimpleNamespace(experiment=SimpleNamespace(export=export), run=SimpleNamespace(bundle=tmp_path))
    lines: list[str] = []
    export_trained(cast(OpenModel, model), lines.append)
    assert "\n".join(lines) == said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_export_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: signal.Signals
) -> None:
    def signalled(*arguments: object) -> None:
        signal.raise_signal(number)

    monkeypatch.setattr(auto_export, "export_bundle", signalled)
    monkeypatch.delenv("NLPX_EXPORT")
    run = SimpleNamespace(path=tmp_path, bundle=tmp_path / "bundle")
    model = SimpleNamespace(experiment=SimpleNamespace(export="auto"), run=run)
    lines: list[str] = []
    # A shell starts what is in its background with SIGINT ignored, and it stays ignored.
    before = signal.signal(number, signal.default_int_handler)
    try:
        export_trained(cast(OpenModel, model), lines.append)
        assert signal.getsignal(number) == signal.default_int_handler
    finally:
        signal.signal(number, before)
    (said,) = lines
    assert "The run is finished" in said and said.endswith(f"nlpx export {tmp_path} --to bundle")
