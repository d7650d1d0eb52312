"""What is told about single values."""

from __future__ import annotations

import pytest

from nlpx.core.component import builtin_registry
from nlpx.core.suggest import one_of
from tests.config.conftest import Load, Problems

TASKS = builtin_registry().names("task")

CASES = [
    # text, code, path, (line, column), words
    ("sed: 1", "C101", "sed", (2, 1), "did you mean seed?"),
    ("Seed: 1", "C101", "Seed", (2, 1), "did you mean seed?"),
    ("train: {batch-size: 1}", "C101", "train.batch-size", (2, 9), "did you mean batch_size?"),
    ("train: {learning_rate: 1}", "C101", "train.learning_rate", (2, 9), "a key of optimizer"),
    ("optimizer: adam\nlearning_rate: 1", "C101", "learning_rate", (3, 1), "a key of optimizer"),
    ("dropout: 0.1", "C101", "dropout", (2, 1), "a key of model.embedding"),
    ("extend: a.yaml", "C101", "extend", (2, 1), "did you mean extends?"),
    ("type: couplet", "C101", "type", (2, 1), "`task` names the task"),
    ("train: {epochs:3}", "C101", "train.epochs:3", (2, 9), "blank after the colon"),
    ("qwertz: 1", "C101", "qwertz", (2, 1), "expected one of"),
    ("model: {encoder: [{type: conv, kernel: 3}]}", "C101", "model.encoder.0.kernel", (2, 32), "kernel_size?"),
    ("data: {normalize: {widht: half}}", "C101", "data.normalize.widht", (2, 20), "did you mean width?"),
    ("train: 5", "C103", "train", (2, 8), "got the integer 5, expected a mapping"),
    ("train:", "C103", "train", (2, 7), "remove the key"),
    ("tricks:", "C103", "tricks", (2, 8), "got null, expected a list"),
    ("tricks: ema", "C103", "tricks", (2, 9), "write [ema]"),
    ("tricks: {type: ema}", "C103", "tricks", (2, 9), "got a mapping, expected a list"),
    ("name: 2026", "C103", "name", (2, 7), 'write "2026" in quotes'),
    ("samples: [true]", "C103", "samples.0", (2, 11), "got true, expected a string"),
    ("seed: '3'", "C103", "seed", (2, 7), "write 3 without quotes"),
    ("seed: ３", "C103", "seed", (2, 7), "write 3"),
    ("seed: 1,000", "C103", "seed", (2, 7), "write 1000"),
    ("train: {steps: 1e4}", "C103", "train.steps", (2, 16), "write 10000"),
    ("train: {steps: 1.5}", "C103", "train.steps", (2, 16), "got the number 1.5, expected an integer"),
    ("train: {steps: []}", "C103", "train.steps", (2, 16), "got an empty list"),
    ("train: {xla: no}", "C103", "train.xla", (2, 14), "write false"),
    ("train: {xla: 1}", "C103", "train.xla", (2, 14), "got the integer 1, expected true or false"),
    ("train: {xla: 'true'}", "C103", "train.xla", (2, 14), "without quotes"),
    ("optimizer: {type: adam, beta_1: x}", "C103", "optimizer.beta_1", (2, 33), "expected a number"),
    ("optimizer: {type: adam, learning_rate: '1e-3'}", "C103", "optimizer.learning_rate", (2, 40), "write 1e-3"),
    ("optimizer: [adam]", "C103", "optimizer", (2, 12), "the name of an optimizer"),
    ("optimizer: {type: 3}", "C103", "optimizer.type", (2, 19), "one of adadelta, adafactor, "),
    ("train: {evaluate_every: 1.5}", "C103", "train.evaluate_every", (2, 25), "epoch or an integer"),
    ("train: {evaluate_every: epochs}", "C104", "train.evaluate_every", (2, 25), "did you mean epoch?"),
    ("train: {evaluate_every: 0}", "C105", "train.evaluate_every", (2, 25), "at least 1"),
    ("train: {precision: float23}", "C104", "train.precision", (2, 20), "did you mean float32?"),
    ("checkpoint: {mode: 3}", "C103", "checkpoint.mode", (2, 20), "expected min or max"),
    ("data: {on_bad_line: stop}", "C104", "data.on_bad_line", (2, 21), "error or skip"),
    ("train: {epochs: 0}", "C105", "train.epochs", (2, 17), "got the integer 0, expected at least 1"),
    ("seed: 4294967296", "C105", "seed", (2, 7), "less than 4294967296"),
    ("optimizer: {type: adam, beta_1: 1}", "C105", "optimizer.beta_1", (2, 33), "less than 1"),
    ("optimizer: {type: adam, learning_rate: 0}", "C105", "optimizer.learning_rate", (2, 40), "more than 0"),
    ("optimizer: {type: adam, learning_rate: .nan}", "C105", "optimizer.learning_rate", (2, 40), "finite"),
    ("optimizer: adamm", "C106", "optimizer", (2, 12), "did you mean adam?"),
    ("optimizer: {type: sdg}", "C106", "optimizer.type", (2, 19), "did you mean sgd?"),
    ("metrics: [nll, blue]", "C106", "metrics.1", (2, 16), "did you mean bleu?"),
    ("optimizer: {learning_rate: 1}", "C102", "optimizer", (2, 12), "no `type`; expected one of adadelta, "),
    ("optimizer: {typ: adam}", "C102", "optimizer", (2, 12), "did you mean type?"),
    ("observers: [keras_callback]", "C102", "observers.0.callback", (2, 13), "{type: keras_callback, callback: ...}"),
    ("observers: [{type: keras_callback}]", "C102", "observers.0.callback", (2, 13), "missing"),
    ("data: {source: {type: pairs}}", "C102", "data.source.train", (2, 8), "missing"),
    ("model: {encoder: []}", "C107", "model.encoder", (2, 18), "at least 1 item"),
    ("data: {source: {type: pairs, train: [a]}}", "C107", "data.source.train", (2, 37), "at least 2"),
    ("data: {source: {type: pairs, train: [a, b, c]}}", "C107", "data.source.train", (2, 37), "at most 2"),
    ("data: {source: {type: pairs, train: [a, 3]}}", "C103", "data.source.train.1", (2, 41), "string"),
    ("data: {source: {type: pairs, train: 3}}", "C103", "data.source.train", (2, 37), "a string or a list"),
    ("data: {source: {type: pairs, train: ''}}", "C108", "data.source.train", (2, 37), "at least 1 character"),
    ("checkpoint: {monitor: nll}", "C108", "checkpoint.monitor", (2, 23), "valid/"),
    ("data: {root: ''}", "C108", "data.root", (2, 14), "wrong length"),
    ("train: {stages: []}", "C107", "train.stages", (2, 17), "got an empty list, expected at least 1 item"),
    ("train: {stages: {epochs: 1}}", "C103", "train.stages", (2, 17), "got a mapping, expected a list"),
    ("train: {stages: [5]}", "C103", "train.stages.0", (2, 18), "expected a mapping"),
    ("train: {stages: [{epochs: 0}]}", "C105", "train.stages.0.epochs", (2, 27), "at least 1"),
    ("train: {stages: [{steps: 1}, {steps: 2.5}]}", "C103", "train.stages.1.steps", (2, 38), "an integer"),
    ("train: {stages: [{epoch: 1}]}", "C101", "train.stages.0.epoch", (2, 19), "did you mean epochs?"),
    ("train: {stages: [{epochs: 1, frozen: a}]}", "C103", "train.stages.0.frozen", (2, 38), "write [a]"),
    ("train: {stages: [{epochs: 1, frozen: ['']}]}", "C108", "train.stages.0.frozen.0", (2, 39), "1 character"),
    ("train: {stages: [{steps: 1, trainable_from: ''}]}", "C108", "train.stages.0.trainable_from", (2, 45), "1 character"),
    ("train: {stages: [{steps: 1, optimizer: adamm}]}", "C106", "train.stages.0.optimizer", (2, 40), "adam?"),
    ("train: {stages: [{steps: 1, optimizer: {type: adam, rate: 1}}]}", "C101", "train.stages.0.optimizer.rate", (2, 53), "expected one of"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "path", "place", "words"), CASES)
def test_one_problem(
    problems: Problems, text: str, code: str, path: str, place: tuple[int, int], words: str
) -> None:
    (problem,) = problems(f"task: couplet\n{text}\n")
    assert (problem.code, problem.path, (problem.mark.line, problem.mark.column)) == (code, path, place)
    assert words in str(problem)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("seed: 1\n", "C102", f"expected {one_of(TASKS)}"),
        ("taks: couplet\n", "C102", "`taks`: did you mean task?"),
        ("type: couplet\n", "C102", "`type`: did you mean task?"),
        ("task: cuplet\n", "C106", "did you mean couplet?"),
        ("task: 3\n", "C103", "got the integer 3"),
        ("task: [couplet]\n", "C103", "got a list of 1 item"),
        ("task:\n", "C103", "got null"),
    ],
)
def test_the_task(problems: Problems, text: str, code: str, words: str) -> None:
    (problem,) = problems(text)
    assert problem.code == code
    assert words in str(problem)


def test_a_union_tells_of_the_alternative_that_was_meant(problems: Problems) -> None:
    found = problems("task: couplet\ndata: {source: {type: pairs, train: [3, '']}}\n")
    assert [(problem.path, problem.code) for problem in found] == [
        ("data.source.train.0", "C103"),
        ("data.source.train.1", "C108"),
    ]


def test_values_of_a_mapping_with_several_types(problems: Problems) -> None:
    text = "task: couplet\nobservers: [{type: keras_callback, callback: 'a:B', arguments: {x: [1]}}]\n"
    (problem,) = problems(text)
    assert problem.path == "observers.0.arguments.x"
    assert "expected one of a string, an integer, a number, true or false" in str(problem)


def test_bare_names_and_options(load: Load) -> None:
    short = load("task: couplet\noptimizer: adam\nmetrics: [nll]\n")
    long = load("task: couplet\noptimizer: {type: adam}\nmetrics: [{type: nll}]\n")
    assert short == long


def test_rules_run_on_what_is_right(problems: Problems) -> None:
    found = problems("task: couplet\nsed: 1\nloss: crf_nll\n")
    assert [problem.code for problem in found] == ["C101", "C201"]


def test_rules_do_not_speak_of_what_is_already_wrong(problems: Problems) -> None:
    """The misspelt metric would give the monitored number."""
    found = problems("task: segmentation\nmetrics: [word_f2]\n")
    assert [problem.code for problem in found] == ["C106"]
    found = problems("task: segmentation\ndata: {source: {type: segmented_text, train: 3}}\n")
    assert [problem.code for problem in found] == ["C103"]
