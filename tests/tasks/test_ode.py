"""The task ode from end to end: train, evaluate, predict times and parameters; wrong input; exact resume."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from nlpx.components.sources.observations import ObservationFile
from nlpx.config.load import load_experiment
from nlpx.data.observations import Observation
from nlpx.errors import ConfigError
from nlpx.tasks.ode.codec import ObservationCodec
from tests.resume.runs import same
from tests.tasks.conftest import Command, nlpx
from tests.trained import TrainOnce

__all__ = ["nlpx"]

ROOT = Path(__file__).resolve().parents[2]
TINY = """\
task: ode
model:
  equations:
    susceptible: -contact * susceptible * infected / 1000
    infected: contact * susceptible * infected / 1000 - recovery * infected
  parameters: {contact: {initial: 0.3, low: 0}, recovery: {initial: 0.1, low: 0}}
  initial: {susceptible: 1000, infected: {initial: 1, low: 0}}
  step: 2
  steps: 30
optimizer: {type: adam, learning_rate: 0.05, schedule: cosine}
tricks: [{type: gradient_clip, norm: 1e6}, {type: ema, momentum: 0.5}]
train: {steps: 12, batch_size: 8, accumulation: 3, evaluate_every: 4, log_every: 4, xla: false}
checkpoint: {every: 3}
samples: [contact, "30"]
"""
GROWTH = """\
task: ode
data: {source: {type: observations, train: 鱼.tsv, valid: 鱼.tsv}}
model:
  equations: {鱼: 增长 * 鱼}
  parameters: {增长: {initial: 0.1, low: 0}}
  initial: {鱼: {initial: 2}}
  step: 0.1
  steps: 50
optimizer: {type: adam, learning_rate: 0.1}
train: {epochs: 150, evaluate_every: 75}
"""
TABLE = "t\t鱼\n" + "".join(f"{t}\t{2.5 * np.exp(0.3 * t):.5f}\n" for t in (0.5, 3, 1.25, 4.99))


@pytest.fixture(scope="module")
def trained(trained_once: TrainOnce) -> Path:
    """A finished run."""
    return trained_once(TINY).path


def test_what_a_run_leaves(trained: Path) -> None:
    kept = sorted(path.name for path in (trained / "samples").iterdir())
    steps = ("00000004", "00000008", "00000012")
    assert kept == [f"step-{step}-{name}" for step in steps for name in ("parameters.tsv", "solution.svg")]
    root = ElementTree.fromstring((trained / "samples" / kept[-1]).read_text(encoding="utf-8"))
    assert len([*root.iter("{http://www.w3.org/2000/svg}circle")]) == 28  # the observed values of train
    lines = [
        line.split("\t") for line in (trained / "samples" / kept[-2]).read_text(encoding="utf-8").splitlines()
    ]
    assert lines[0] == ["name", "value", "low", "high"]
    assert [line[0] for line in lines[1:]] == [
        "contact",
        "recovery",
        "initial_susceptible",
        "initial_infected",
    ]
    assert lines[3][1:] == ["1000", "1000", "1000"]
    log = (trained / "log.txt").read_text(encoding="utf-8")
    assert "step 12/12" in log and "epoch" not in log
    samples = [json.loads(line) for line in (trained / "samples.jsonl").read_text("utf-8").splitlines()]
    assert [sample["text"] for sample in samples[:2]] == ["contact", "30"]
    assert samples[0]["low"] < samples[0]["value"] < samples[0]["high"]


def test_eval_repeats_the_numbers_and_measures_references(nlpx: Command, trained: Path) -> None:
    before = json.loads((trained / "eval" / "test.json").read_text(encoding="utf-8"))["metrics"]
    after = json.loads(nlpx("eval", trained, "--reference", "--json").out)
    assert after["metrics"] == pytest.approx(before)
    initial, best = after["references"]["initial"], after["references"]["least_squares"]
    assert best["sse"] < before["sse"] < initial["sse"]
    valid = json.loads(nlpx("eval", trained, "--split", "valid", "--reference", "--json").out)
    assert valid["references"]["least_squares"]["rmse"] < 12


def test_predict(nlpx: Command, trained: Path, tmp_path: Path) -> None:
    shown = nlpx("predict", trained, "--text", "30", "--text", " 0.3 ", "--text", "recovery", "--text", "")
    assert shown.code == 0
    first, second, third, fourth = shown.out.splitlines()
    assert first.split("\t")[0] == "30" and second.split("\t")[0] == "0.3" and fourth == ""
    assert third.startswith("recovery = 0.") and third.endswith("]")
    table = nlpx("predict", trained, "--count", "16").out.splitlines()
    assert len(table) == 16 and table[15] == first
    assert table[:3] == nlpx("predict", trained, "--count", "3", "--seed", "7").out.splitlines()
    record = json.loads(nlpx("predict", trained, "--text", "30", "--format", "jsonl").out)
    assert record["t"] == 30 and f"{record['infected']:.6g}" == first.split("\t")[2]
    plot = tmp_path / "curve.svg"
    assert nlpx("predict", trained, "--count", "200", "--output", plot).code == 0
    for arguments in (["--count", "100002"], ["--count", "100002", "--output", plot.with_name("b.svg")]):
        assert "expected at most 100001" in nlpx("predict", trained, *arguments).err
    assert (
        "choose another suffix"
        in nlpx("predict", trained, "--text", "30", "--output", plot.with_name("c.svg")).err
    )
    assert nlpx("predict", trained, "--text", "1e308").code == 3
    ElementTree.fromstring(plot.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tomorrow", "expected a time, or one of contact, recovery, initial_susceptible, initial_infected"),
        ("contakt", "did you mean contact?"),
        ("-1", "the solution begins at 0"),
        ("1e9", "a solution has at most 100000 steps"),
        ("nan", "expected a time"),
        ("😀", "expected a time"),
    ],
)
def test_texts_without_a_prediction(nlpx: Command, trained: Path, text: str, told: str) -> None:
    shown = nlpx("predict", trained, "--text", text)
    assert (shown.code, shown.out) == (3, "\n")
    assert told in " ".join(shown.text.split())


def test_probe_shows_states_and_parameters(nlpx: Command, trained: Path, tmp_path: Path) -> None:
    file = tmp_path / "states.npz"
    shown = nlpx(
        "probe",
        trained,
        "--layer",
        "solution",
        "--layer",
        "equations/contact",
        "--text",
        "3",
        "--output",
        file,
    )
    assert shown.code == 0, shown.text
    with np.load(file) as arrays:
        shapes = sorted(arrays[name].shape for name in arrays.files)
    assert shapes == [(), (1, 30, 2)]


def test_resume_is_exact(nlpx: Command, trained: Path, trained_once: TrainOnce, tmp_path: Path) -> None:
    killed = trained_once(TINY).killed(6, tmp_path)
    assert nlpx("train", "--resume", killed).code == 0
    same(trained, killed)
    for file in (trained / "samples").iterdir():
        assert file.read_bytes() == (killed / "samples" / file.name).read_bytes()


def test_growth_from_a_file(nlpx: Command, tmp_path: Path) -> None:
    """Names of any script, a time between steps, an initial value that is learned."""
    (tmp_path / "鱼.tsv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "c.yaml").write_text(GROWTH, encoding="utf-8")
    shown = nlpx("train", tmp_path / "c.yaml", "--output", tmp_path, "--name", "run")
    assert shown.code == 0, shown.err
    path = tmp_path / "ode" / "run"
    for name, value in (("增长", 0.3), ("initial_鱼", 2.5)):
        record = json.loads(nlpx("predict", path, "--text", name, "--format", "jsonl").out)
        assert record["value"] == pytest.approx(value, rel=0.02)


def check(folder: Path, content: str) -> str:
    """The message about a config."""
    (folder / "c.yaml").write_text(f"task: ode\n{content}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_experiment(folder / "c.yaml")
    return str(error.value)


@pytest.mark.parametrize(
    ("model", "where", "told"),
    [
        ("equations: {x: k * z}", 4, "character 5: there is no variable or parameter `z`"),
        ("equations: {x: k * x / 0}", 4, "character 7: division by zero"),
        ("equations: {x: k * x, y: k * x}", 3, "the variable y has no initial value"),
        ("equations: {x: k * x, 2y: k * x}", 4, "'2y' is no name"),
        ("equations: {x: k * x, t: k}", 4, "`t` is the time; choose another name"),
        ("equations: {x: k * x, exp: k}", 4, "`exp` is a function; choose another name"),
        ("equations: {x: x}", 5, "no equation contains k"),
        ("equations: {x: k * x, k: x}", 5, "a variable has the same name"),
        ("equations: [k * x]", 4, "wrong type"),
        ("equations: {x: 3}", 4, "wrong type"),
        ("equations: {}", 4, "at least 1"),
    ],
)
def test_equations_that_are_refused(tmp_path: Path, model: str, where: int, told: str) -> None:
    lines = f"model:\n  initial: {{x: 1, }}\n  {model}\n  parameters: {{k: 1}}"
    message = check(tmp_path, lines)
    assert f"c.yaml:{where}:" in message and told in message


@pytest.mark.parametrize(
    ("content", "where", "told"),
    [
        ("model: {steps: 5}", 2, "the key is missing"),
        ("model: {equations: {x: k * x}, parameters: {k: 1}, initial: {x: 1, y: 2}}", 2, "no equation for y"),
        ("model: {equations: {x: x}, initial: {x: 1}}", 2, "nothing is learned"),
        ("model: {equations: {x: x}, initial: {x: {inital: 1}}}", 2, "did you mean initial?"),
        ("model: {equations: {x: x}, initial: {x: {initial: 1, low: 1}}}", 2, "not between 1 and inf"),
        ("model: {equations: {x: x}, initial: {x: {initial: 1, low: 0, unit: 2}}}", 2, "no unit"),
        ("model: {equations: {x: x}, initial: {x: {initial: .nan}}}", 2, "finite"),
        (
            "model: {equations: {x: initial_x}, parameters: {initial_x: 1}, initial: {x: 1}}",
            2,
            "initial value",
        ),
        ("train: {precision: mixed_bfloat16}", 2, "float32"),
        ("train: {buckets: [3]}", 2, "wrong type"),
        ("loss: cross_entropy", 2, "expected the loss squared_error"),
        ("metrics: [nll]", 2, "expected the metric sum_of_squares"),
        ("data: {source: {type: builtin, name: ring}}", 2, "gives point records"),
        ("data: {source: {type: observations, train: a.tsv}}", 2, "no validation data"),
        ("tricks: [adversarial]", 2, "`embedding`"),
    ],
)
def test_configs_that_are_refused(tmp_path: Path, content: str, where: int, told: str) -> None:
    (tmp_path / "a.tsv").write_text(TABLE, encoding="utf-8")
    message = check(tmp_path, content)
    assert f"c.yaml:{where}:" in message and told in message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "a.tsv: the file is empty"),
        (
            b"t\tx\n1\t2\n99\t2\n",
            "a.tsv:3: t = 99 is after the last step, 5; set model.steps to 990 or more",
        ),
        (b"t\tx\n-1\t2\n", "a.tsv:2: t = -1 is before model.start, 0"),
        ("t\t鱼\n1\t2\n".encode(), "a.tsv:2: no equation has the variable 鱼; expected x"),
        (b"t\tx\n1\t1e31\n", "a.tsv:2: the value 1e+31 is too large"),
        (gzip.compress(b"t\tx\n1\ta\n", mtime=0), "a.tsv.gz:2: x is 'a', expected a finite number"),
    ],
)
def test_observations_that_do_not_fit(nlpx: Command, tmp_path: Path, content: bytes, told: str) -> None:
    name = told.partition(":")[0]
    (tmp_path / name).write_bytes(content)
    config = GROWTH.replace("鱼.tsv", name).replace("鱼", "x")
    (tmp_path / "c.yaml").write_text(config, encoding="utf-8")
    shown = nlpx("data", "check", tmp_path / "c.yaml")
    assert shown.code == 3 and told in shown.out + shown.err


def test_a_solution_that_overflows_is_reported(nlpx: Command, tmp_path: Path) -> None:
    (tmp_path / "鱼.tsv").write_text(TABLE, encoding="utf-8")
    config = GROWTH.replace("增长 * 鱼", "增长 * 鱼^9").replace("initial: 2}", "initial: 1e5}")
    (tmp_path / "c.yaml").write_text(config, encoding="utf-8")
    shown = nlpx("train", tmp_path / "c.yaml", "--output", tmp_path, "--name", "run")
    assert shown.code == 5 and "loss" in shown.text


@pytest.mark.parametrize("value", [0.12345678912, 1700000012.5, 1e-320, -0.1, 165.0])
def test_numbers_are_written_without_loss(tmp_path: Path, value: float) -> None:
    row = Observation("a:1", value, ("x", "y"), (value, None))
    Observation.write(tmp_path / "a.tsv", [row])
    (read,) = ObservationFile(train="a.tsv").open(tmp_path).rows("train")
    assert isinstance(read, Observation) and (read.time, read.values) == (row.time, row.values)


def test_a_time_beyond_all_steps_is_named() -> None:
    codec = ObservationCodec(("x",), 0.0, 1e-320, 10)
    assert codec.place(1.0) == math.inf
    assert "set model.step to a larger one" in str(codec.check(Observation("a:1", 1.0, ("x",), (1.0,))))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ("samples=[foo]", "samples.0: expected a time from 0 on, or one of contact"),
        ("samples=['30', '-1']", "samples.1: expected a time"),
        ("model.parameters.contact.initial=1e300", "out of range"),
        ("model.parameters.contact={initial: 1, unit: 1e-320}", "too large in units of"),
    ],
)
def test_what_cannot_be_computed_is_refused_by_check(
    nlpx: Command, tmp_path: Path, changed: str, told: str
) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(TINY, encoding="utf-8")
    shown = nlpx("check", path, "--set", changed)
    assert shown.code == 2 and told in shown.text
