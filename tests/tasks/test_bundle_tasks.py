"""Bundles of the tasks that read images, or have neighbours, entities or samples as predictions.

All of them are used by one process that can import neither TensorFlow nor Keras.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import nlpx as package
from nlpx.config.load import load_experiment
from nlpx.data.images import Upload, image_files
from nlpx.errors import NlpxError
from nlpx.serving.calls import Options, Predict
from nlpx.serving.refusal import Refusal
from nlpx.specs.predictor import UnconditionalPredictor
from nlpx.tasks.sample_images import sample_images
from nlpx.workflow.agreement import agree
from nlpx.workflow.export import export_bundle, refuse_unexportable
from nlpx.workflow.model import OpenModel, open_model
from tests.serving.options import served
from tests.tasks.test_bundle_files import rewrite
from tests.tasks.test_digits import TINY as DIGITS
from tests.tasks.test_dogs import TINY as DOGS
from tests.tasks.test_gan import TINY as GAN
from tests.tasks.test_linking import TINY as LINKING
from tests.tasks.test_ocr import TINY as OCR
from tests.tasks.test_ocr_lines import TINY as OCR_LINES
from tests.tasks.test_vectors import TINY as VECTORS
from tests.trained import TrainOnce

pytest.importorskip("tf2onnx")
pytest.importorskip("onnxruntime")

IMAGES = {"dogs": "dogs", "digits": "digits", "ocr": "strokes", "ocr_lines": "lines"}
"""The samples of tasks that read images."""
TEXTS = ["", "烟台的苹果丰收了", "白菜 饺子 龘", "她在华夏银行喝春风酒，看《红楼梦》", "😀\ud800"]
SAMPLES, SEED = 5, 3
RUN = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras", "tf2onnx", "onnx"):
            raise ImportError(f"{name} is blocked")
sys.meta_path.insert(0, Blocked())
from nlpx.cli.main import run
for command in json.load(sys.stdin):
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = run(command)
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""
"""Commands from standard input, without a framework."""


@pytest.fixture(scope="module")
def models(trained_once: TrainOnce) -> Mapping[str, OpenModel]:
    """The model of a run of each task."""
    configs = {
        "dogs": DOGS,
        "digits": DIGITS,
        "ocr": OCR,
        "ocr_lines": OCR_LINES,
        "vectors": VECTORS,
        "linking": LINKING,
        "gan": GAN,
    }
    return {
        task: open_model(Path(), str(trained_once(config).path), "best") for task, config in configs.items()
    }


TASKS = pytest.mark.parametrize("task", [*IMAGES, "vectors", "linking", "gan"])


@pytest.fixture(scope="module")
def bundles(models: Mapping[str, OpenModel], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a bundle of each run, named by its task."""
    folder = tmp_path_factory.mktemp("bundles")
    for task, model in models.items():
        assert export_bundle(model, folder / task).rows > 10
    return folder


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For each task a folder of images of several forms, and a file that is none."""
    whole = tmp_path_factory.mktemp("images")
    for task, sample in IMAGES.items():
        folder = whole / task
        folder.mkdir()
        first, *_, last = sample_images(sample, folder, [(2, 1), (1, 4), (3, 2)], 12)
        Image.open(first).resize((90, 61)).rotate(20, fillcolor="white").save(folder / "a.jpg")
        Image.open(last).convert("P").save(folder / "b.gif")
        (folder / "c.txt").write_text("no image", encoding="utf-8")
    return whole


@pytest.fixture(scope="module")
def answers(bundles: Path, images: Path) -> Mapping[tuple[str, str], tuple[int, str, str]]:
    """Exit code, standard output and standard error of `predict` and `eval` of each bundle."""
    given = {
        **{task: ["--input", str(images / task)] for task in IMAGES},
        "gan": ["--count", str(SAMPLES), "--seed", str(SEED)],
    }
    texts = [option for text in TEXTS[:4] for option in ("--text", text)]
    asked = {}
    for task in (path.name for path in bundles.iterdir()):
        asked[task, "predict"] = ["predict", task, *given.get(task, texts), "--format", "jsonl"]
        asked[task, "eval"] = ["eval", task, "--json"]
    for task in ("vectors", "gan"):
        asked[task, "file"] = ["predict", task, "--output", str(images / f"{task}.npz"), "--seed", str(SEED)]
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=bundles,
        input=json.dumps([*asked.values()]),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return dict(zip(asked, map(json.loads, done.stdout.splitlines()), strict=True))


@TASKS
def test_it_predicts_what_the_run_predicts_without_a_framework(
    models: Mapping[str, OpenModel], images: Path, answers: Any, task: str
) -> None:
    predictor = models[task].predictor
    if task == "gan":
        assert isinstance(predictor, UnconditionalPredictor)
        expected = predictor.generate(SAMPLES, SEED)
    else:
        expected = predictor.predict(image_files(images / task) if task in IMAGES else TEXTS[:4])
    code, out, err = answers[task, "predict"]
    # One file is no image, and no word of two texts has a vector.
    assert code == (3 if task in IMAGES or task == "vectors" else 0), err
    for line, old in zip(out.splitlines(), expected, strict=True):
        new = json.loads(line)
        names, numbers = flat({key: new[key] for key in old.fields})
        expected_names, expected_numbers = flat(old.fields)
        assert names == expected_names
        assert numbers == pytest.approx(expected_numbers, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("task", IMAGES)
def test_a_server_predicts_for_uploads_as_for_files(bundles: Path, images: Path, task: str) -> None:
    model = served(bundles / task)
    paths = image_files(images / task)
    uploads = [Upload(f"{number}.png", Path(path).read_bytes()) for number, path in enumerate(paths)]
    expected, found = (model.compute(Predict(1, Options()), inputs) for inputs in (paths, uploads))
    assert [getattr(row, "fields", None) for row in found] == [
        getattr(row, "fields", None) for row in expected
    ]
    (refused,) = (row for row in found if isinstance(row, Refusal))
    assert (refused.status, refused.code) == (422, "cannot_be_predicted")
    assert "not an image" in refused.message and str(images) not in refused.message


def test_files_of_what_is_generated(models: Mapping[str, OpenModel], images: Path, answers: Any) -> None:
    for task, rel in (("vectors", 0.0), ("gan", 1e-5)):
        assert answers[task, "file"][0] == 0
        predictor = models[task].predictor
        assert isinstance(predictor, UnconditionalPredictor)
        wanted = np.load(io.BytesIO(predictor.file(".npz", SAMPLES, SEED)))
        with np.load(images / f"{task}.npz") as found:
            for name in wanted:
                if found[name].dtype == np.float32:
                    np.testing.assert_allclose(found[name], wanted[name], rel, rel)
                else:
                    assert found[name].tolist() == wanted[name].tolist()


def flat(value: object) -> tuple[list[object], list[float]]:
    """The keys and the values of a prediction in order, and those that are not whole numbers."""
    if isinstance(value, float):
        return [], [value]
    if not isinstance(value, Mapping | list):
        return [value], []
    parts = [flat(item) for item in (value.values() if isinstance(value, Mapping) else value)]
    keys: list[object] = [*value] if isinstance(value, Mapping) else []
    return [*keys, *(name for names, _ in parts for name in names)], [n for _, found in parts for n in found]


@TASKS
def test_it_is_evaluated_like_the_run(models: Mapping[str, OpenModel], answers: Any, task: str) -> None:
    code, out, err = answers[task, "eval"]
    assert code == 0, err
    wanted = json.loads(models[task].run.eval_path("test").read_text(encoding="utf-8"))
    found = json.loads(out)
    assert found["metrics"] == pytest.approx(wanted["metrics"], rel=1e-4, abs=1e-5)
    assert found["rows"] == wanted["rows"] > 0


@pytest.mark.parametrize("task", ["dogs", "ocr"])
def test_golden_images_are_checked(bundles: Path, tmp_path: Path, task: str) -> None:
    bundle = Path(shutil.copytree(bundles / task, tmp_path / "copy"))
    first, second = json.loads((bundle / "golden.json").read_text(encoding="utf-8"))[:2]
    path = bundle / first["image"]
    assert agree(package.load(bundle).predict([str(path)])[0].fields, first["prediction"])
    path.write_bytes(path.read_bytes()[::-1])
    with pytest.raises(NlpxError, match="SHA-256 differs"):
        package.load(bundle)
    rewrite(bundle, first["image"], (bundle / second["image"]).read_bytes())
    with pytest.raises(NlpxError, match=r"golden.json: damaged: for 'golden/.*this machine predicts"):
        package.load(bundle)


def test_a_generator_without_gradients(bundles: Path) -> None:
    with pytest.raises(NlpxError, match="langevin needs gradients, which no bundle has"):
        package.load(bundles / "gan", overrides={"decode": "langevin"})


@pytest.mark.parametrize("content", [b"", b"\x80\x04.", b"\x93NUMPY\x01\x00\x10\x00{}"])
def test_damaged_tables(bundles: Path, tmp_path: Path, content: bytes) -> None:
    bundle = Path(shutil.copytree(bundles / "vectors", tmp_path / "copy"))
    (bundle / "tables" / "words.npy").write_bytes(content)
    with pytest.raises(NlpxError, match=r"words.npy: damaged: .*SHA-256 differs"):
        package.load(bundle)
    rewrite(bundle, "tables/words.npy", content)
    with pytest.raises(NlpxError, match=r"words.npy: damaged: not an array of NumPy"):
        package.load(bundle)


def test_tables_are_mapped_and_must_fit(bundles: Path, tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(bundles / "vectors", tmp_path / "copy"))
    table = np.load(bundle / "tables" / "words.npy")
    predictor: Any = package.load(bundle)._model.predictor
    assert isinstance(predictor.vectors.vectors.base, np.memmap)
    for other, reason in ((table.astype(float), "its type is float64"), (table[1:], "tables of the shapes")):
        np.save(tmp_path / "other.npy", other)
        rewrite(bundle, "tables/words.npy", (tmp_path / "other.npy").read_bytes())
        with pytest.raises(NlpxError, match=reason):
            package.load(bundle)


def test_a_task_without_a_network(tmp_path: Path) -> None:
    (tmp_path / "ode.yaml").write_text("task: ode\n", encoding="utf-8")
    with pytest.raises(NlpxError, match=r"there is no network; .* samples/step-\*-parameters.tsv\. Use the"):
        refuse_unexportable(load_experiment(tmp_path / "ode.yaml").experiment)
