"""The task gan from end to end: train in both ways, evaluate, generate files; wrong input; exact resume."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nlpx.config.load import load_experiment
from nlpx.data.points import Point
from nlpx.errors import ConfigError
from nlpx.tasks.gan.codec import SampleCodec
from nlpx.tasks.gan.references import references
from tests.resume.runs import same
from tests.tasks.conftest import Command, nlpx
from tests.trained import TrainOnce

__all__ = ["nlpx"]

TINY = """\
task: gan
data: {source: {type: point_cloud, train: 500, valid: 200, test: 300}}
model:
  latent: 3
  generator: {type: dense, units: [16]}
  discriminator: {type: dense, units: [16, 16], spectral_norm: true}
loss: {type: hinge_gan, penalty: {at: mixed, centre: 1, one_sided: true, weight: 2}}
optimizer:
  discriminator: {type: adam, learning_rate: 1e-3}
  generator: {type: sgd, learning_rate: 1e-2, schedule: cosine}
tricks: [{type: gradient_clip, norm: 5}, {type: ema, momentum: 0.9}]
train: {steps: 12, batch_size: 32, update: alternating, discriminator_steps: 2, evaluate_every: 6, log_every: 4}
checkpoint: {every: 4}
metrics: [sliced_wasserstein, mode_coverage, frechet_distance]
"""
JOINT = """\
task: gan
data: {source: {type: points, train: points.tsv, holdout: 100}}
model: {latent: 2, generator: {type: dense, units: [16]}, discriminator: {type: dense, units: [16]}}
loss: {type: wgan, penalty: {at: real}}
train: {update: joint, epochs: 2, batch_size: 32}
"""


@pytest.fixture(scope="module")
def trained(trained_once: TrainOnce) -> Path:
    """A finished run."""
    return trained_once(TINY).path


def test_what_a_run_leaves(trained: Path) -> None:
    records = [
        json.loads(line) for line in (trained / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    logged = [record for record in records if "train/loss" in record]
    assert [record["step"] for record in logged] == [4, 8, 12]
    terms = {"train/discriminator", "train/generator", "train/penalty"}
    assert all(terms | {"train/generator/learning_rate"} <= set(record) for record in logged)
    images = sorted(path.name for path in (trained / "samples").iterdir())
    steps = ("step-00000006", "step-00000012")
    assert images == [f"{step}-{name}.png" for step in steps for name in ("energy", "samples")]
    with Image.open(trained / "samples" / images[1]) as image:
        assert image.size == (384, 384)
        assert {(255, 255, 255), (185, 185, 185), (200, 40, 40)} <= set(image.getdata())
    lines = (trained / "eval" / "test.predictions.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 300
    assert {"place", "real", "sample", "mode", "discriminator"} <= set(json.loads(lines[0]))


def test_eval_repeats_the_numbers_and_measures_references(nlpx: Command, trained: Path) -> None:
    before = json.loads((trained / "eval" / "test.json").read_text(encoding="utf-8"))["metrics"]
    shown = nlpx("eval", trained, "--reference", "--json")
    after = json.loads(shown.out)
    assert after["metrics"] == pytest.approx(before)
    resampled, gaussian = after["references"]["resampled"], after["references"]["gaussian"]
    assert resampled["modes_covered"] == 8 and resampled["high_quality"] > 0.95
    assert gaussian["frechet_distance"] < 0.1 and gaussian["high_quality"] < 0.2
    for name in ("sliced_wasserstein", "frechet_distance"):
        assert resampled[name] < before[name]
    assert resampled["sliced_wasserstein"] < gaussian["sliced_wasserstein"]


def test_generate(nlpx: Command, trained: Path, tmp_path: Path) -> None:
    five = nlpx("predict", trained, "--count", "5", "--seed", "3")
    assert five.code == 0
    points = [tuple(map(float, line.split("\t"))) for line in five.out.splitlines()]
    assert len(set(points)) == 5
    assert nlpx("predict", trained, "--count", "2", "--seed", "3").out == "".join(
        five.out.splitlines(keepends=True)[:2]
    )
    first = json.loads(nlpx("predict", trained, "--seed", "3", "--format", "jsonl").out.splitlines()[0])
    assert first["point"] == pytest.approx(points[0], rel=1e-5)
    for name in ("points.npz", "points.png", "upper.PNG"):
        shown = nlpx("predict", trained, "--count", "5", "--seed", "3", "--output", tmp_path / name)
        assert (shown.code, shown.out) == (0, "")
    with np.load(tmp_path / "points.npz", allow_pickle=False) as file:
        np.testing.assert_allclose(file["samples"], points, rtol=1e-5)
        assert file["samples"].dtype == np.float32
    with Image.open(tmp_path / "points.png") as image:
        assert (200, 40, 40) in set(image.getdata())

    assert (tmp_path / "upper.PNG").read_bytes() == (tmp_path / "points.png").read_bytes()


def test_a_generator_takes_no_input_and_writes_no_other_files(
    nlpx: Command, trained: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.tsv"
    kept.write_text("1\t2\n", encoding="utf-8")
    for words in (["--text", "春风"], ["--input", kept], ["--input", kept, "--output", kept]):
        shown = nlpx("predict", trained, *words)
        assert (shown.code, shown.out) == (2, "")
        assert "takes no input; use --count and --seed" in " ".join(shown.text.split())
    assert kept.read_text(encoding="utf-8") == "1\t2\n"
    shown = nlpx("predict", trained, "--output", tmp_path / "a.jpg")
    assert (shown.code, (tmp_path / "a.jpg").exists()) == (2, False)
    assert "lines of text, or .png or .npz" in " ".join(shown.text.split())


def test_the_normal_distribution_of_one_sample_is_that_sample() -> None:
    reference = references(SampleCodec((2,)))["gaussian"]
    row = Point("here", 1.0, -2.0)
    reference.survey([row])
    (example,) = reference.examples([row], known=())
    np.testing.assert_array_equal(example.generated_vector, [1.0, -2.0])


def test_joint_updates_of_points_in_a_file(nlpx: Command, tmp_path: Path) -> None:
    points = np.random.default_rng(0).normal(size=(300, 2))
    (tmp_path / "points.tsv").write_text("".join(f"{x:.4f}\t{y:.4f}\n" for x, y in points), encoding="utf-8")
    (tmp_path / "c.yaml").write_text(JOINT, encoding="utf-8")
    shown = nlpx("train", tmp_path / "c.yaml", "--output", tmp_path, "--name", "run")
    assert shown.code == 0, shown.err
    log = (tmp_path / "gan" / "run" / "metrics.jsonl").read_text(encoding="utf-8")
    logged = next(record for record in map(json.loads, log.splitlines()) if "train/loss" in record)
    assert logged["train/bracket"] == 0
    assert logged["train/loss"] == pytest.approx(logged["train/discriminator"] + logged["train/penalty"])
    assert "train/learning_rate" in logged


def test_resume_is_exact(nlpx: Command, trained: Path, trained_once: TrainOnce, tmp_path: Path) -> None:
    """Both optimizers, noise, the vectors of the spectral norms, averages, images."""
    killed = trained_once(TINY).killed(8, tmp_path)
    assert nlpx("train", "--resume", killed).code == 0
    same(trained, killed)
    for image in (trained / "samples").iterdir():
        assert image.read_bytes() == (killed / "samples" / image.name).read_bytes()


@pytest.mark.parametrize(
    ("lines", "where", "told"),
    [
        ("train: {update: joint}\noptimizer: {discriminator: adam, generator: adam}", 3, "one optimizer"),
        ("train: {update: joint, discriminator_steps: 2}", 2, "one step of both networks"),
        ("model: {discriminator: conv}", 2, "convolutions read images, not points; use the network dense"),
        ("model: {generator: transposed_conv}", 2, "produce images, not points"),
        ("model: {generator: {type: dense, dropout: 0.1}}", 2, "used without dropout"),
        ("samples: [春风]", 2, "at most 0"),
        ("optimizer: {discriminator: adam}", 2, "the phase generator has no optimizer"),
        ("metrics: [mode_coverage]", 2, "the metrics do not give valid/sliced_wasserstein"),
        ("loss: cross_entropy", 2, "needs `logits` and `target`"),
        ("loss: maximum_entropy", 2, "the loss maximum_entropy needs model.encoder"),
        ("model: {encoder: dense}", 2, "the loss hinge_gan uses no encoder"),
        ("model: {encoder: conv}\nloss: maximum_entropy", 2, "convolutions read images, not points"),
        ("decode: viterbi", 2, "needs `tags`"),
        ("loss: contrastive_energy", 2, "needs model.replay, such as {}"),
        ("model: {replay: {}}", 2, "the loss hinge_gan needs a generator: set contrastive_energy"),
        ("model: {replay: {}}\nloss: contrastive_energy\ntrain: {update: joint}", 4, "one network to train"),
        ("model: {replay: {fresh: 2}}\nloss: contrastive_energy", 2, "model.replay.fresh: out of range"),
        ("decode: {type: langevin, step_size: 0}", 2, "expected more than 0"),
    ],
)
def test_configs_that_do_not_fit(tmp_path: Path, lines: str, where: int, told: str) -> None:
    (tmp_path / "c.yaml").write_text(f"task: gan\n{lines}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_experiment(tmp_path / "c.yaml")
    assert f"c.yaml:{where}:" in str(error.value) and told in str(error.value)


def test_images_need_the_size_of_the_network(tmp_path: Path) -> None:
    config = (
        "task: gan\n"
        "data: {source: {type: folders, train: digits, holdout_share: 0.1}}\n"
        "model: {generator: {type: transposed_conv, filters: [8, 8, 8]}, discriminator: conv}\n"
    )
    (tmp_path / "c.yaml").write_text(config, encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"3 transposed convolutions make images whose size is a multiple of 8"
    ):
        load_experiment(tmp_path / "c.yaml", moved=True)
    (tmp_path / "c.yaml").write_text(config + "metrics: [mode_coverage]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="needs `mode`, which image records do not give"):
        load_experiment(tmp_path / "c.yaml", ["model.image_size=32"], moved=True)
