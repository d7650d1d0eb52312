"""What the parts of a config demand of one another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nlpx.config import machine
from tests.config.conftest import Load, Problems

COUPLET = "task: couplet\n"
SEGMENTATION = "task: segmentation\n"

BROKEN = [
    # base, text, code, path, words
    (COUPLET, "loss: crf_nll", "C201", "loss", "expected the head crf, or one of the losses cross_entropy, "),
    (COUPLET, "loss: center", "C201", "loss", "needs `feature`, which the task couplet does not give; expected one of"),
    (
        COUPLET,
        "loss: {type: sum, losses: [{loss: cross_entropy}, {weight: 0.5, loss: center}]}",
        "C201",
        "loss.losses.1.loss",
        "the loss center needs `feature`, which the task couplet does not give",
    ),
    (
        SEGMENTATION,
        "loss: {type: sum, losses: [{loss: {type: sum, losses: [{loss: elbo}]}}, {loss: crf_nll}]}",
        "C201",
        "loss.losses.0.loss.losses.0.loss",
        "the loss elbo needs `kl` and `token_nll`",
    ),
    (
        SEGMENTATION,
        "loss: {type: sum, losses: [{loss: crf_nll}, {loss: cross_entropy}]}",
        "C201",
        "loss.losses.1.loss",
        "the loss cross_entropy needs `logits`, which the head crf does not give; expected the head softmax",
    ),
    (
        SEGMENTATION,
        "model: {head: softmax}\nloss: {type: sampled_softmax, power: 0.5}",
        "C201",
        "loss",
        "needs `frequency`, which the task segmentation does not give; expected one of the losses cross_entropy, "
        "focal, hard_truncated, nce, soft_truncated",
    ),
    (COUPLET, "loss: {type: sum, losses: []}", "C107", "loss.losses", "at least 1"),
    (COUPLET, "loss: {type: sum, losses: [{loss: cross_entropy, weight: -1}]}", "C105", "loss.losses.0.weight", "0"),
    (COUPLET, "loss: {type: sum, losses: [{loss: cros_entropy}]}", "C106", "loss.losses.0.loss", "mean cross_entropy?"),
    (COUPLET, "loss: {type: sum, losses: [{loss: cross_entropy, wieght: 2}]}", "C101", "loss.losses.0.wieght", "weight?"),
    (
        "task: gan\n",
        "loss: {type: sum, losses: [{loss: hinge_gan}]}",
        "C109",
        "loss.losses.0.loss",
        "the terms of hinge_gan are trained in phases of their own",
    ),
    (
        "task: title\n",
        "model: {pointer: ~}\nloss: {type: sum, losses: [{loss: {type: sequence_cross_entropy, coverage: 1}}]}",
        "C217",
        "loss.losses.0.loss.coverage",
        "coverage requires a pointer",
    ),
    (COUPLET, "decode: viterbi", "C202", "decode", "needs `tags`, which the task couplet does not give; expected one of the decoders argmax, couplet_rules, couplet_sample"),
    (SEGMENTATION, "decode: argmax", "C202", "decode", "expected the decoder viterbi"),
    (COUPLET, "metrics: [nll, word_f1]", "C203", "metrics.1", "needs `known_words`, `predicted_words` and `reference_words`"),
    (SEGMENTATION, "metrics: [word_f1, bleu]", "C203", "metrics.1", "expected the metric nll or word_f1"),
    ("task: similarity\n", "loss: cosent", "C218", "loss", "question records do not give; expected scored_pair records"),
    ("task: similarity\n", "metrics: [retrieval, correlation]", "C218", "metrics.1", "or the metric retrieval"),
    ("task: poem\n", "decode: beam", "C202", "decode", "needs `next_token`, which the task poem does not give"),
    (COUPLET, "data: {source: {type: builtin, name: segmentation}}", "C204", "data.source.name", "sentence records"),
    (COUPLET, "metrics: [distinct]", "C207", "metrics", "expected valid/distinct_1 or valid/distinct_2"),
    (COUPLET, "checkpoint: {monitor: valid/bleu}", "C207", "checkpoint.monitor", "do not give valid/bleu"),
    (COUPLET, "checkpoint: {monitor: valid/unseen/blue}", "C207", "checkpoint.monitor", "valid/nll"),
    (COUPLET, "metrics: []", "C207", "metrics", "valid/nll"),
    (SEGMENTATION, "checkpoint: {monitor: valid/set_recall}", "C207", "checkpoint.monitor", "set_recall"),
    (COUPLET, "checkpoint: {mode: max}", "C208", "checkpoint.mode", "lower values of valid/nll are better"),
    (SEGMENTATION, "checkpoint: {mode: min}", "C208", "checkpoint.mode", "higher values of valid/f1 are better"),
    (COUPLET, "train: {buckets: [8, 8, 16]}", "C209", "train.buckets.1", "8 after 8"),
    (COUPLET, "train: {buckets: [8, 12]}", "C209", "train.buckets.1", "at least data.max_length, 16"),
    (COUPLET, "metrics: [nll, distinct, {type: nll}]", "C210", "metrics.2", "first listed as metrics.0"),
    (COUPLET, "model: {embedding: {ngrams: [{size: 2}, {dim: 8}]}}", "C210", "model.embedding.ngrams.1", "duplicate 2"),
    (SEGMENTATION, "model: {head: {type: softmax, tied: true}}\nloss: cross_entropy", "C211", "model.head.tied", "false"),
    (
        COUPLET,
        "optimizer: {type: adam, schedule: {type: linear, warmup_steps: 9}}\ntrain: {steps: 9}",
        "C212",
        "optimizer.schedule.warmup_steps",
        "fewer than train.steps, 9",
    ),
    (COUPLET, "model: {encoder: [{type: gated_conv, filters: 64}]}", "C213", "model.encoder.0.filters", "128 wide, to 64"),
    (
        COUPLET,
        "model: {embedding: {dim: 32, ngrams: [{size: 2, dim: 8}, {size: 3, dim: 4}]},\n"
        "  encoder: [{type: gated_conv, filters: 32}]}",
        "C213",
        "model.encoder.0.filters",
        "56 wide",
    ),
    (
        COUPLET,
        "model: {encoder: [conv, {type: bidirectional, units: 64}, {type: conv, filters: 64, residual: true}]}",
        "C213",
        "model.encoder.2.filters",
        "128 wide",
    ),
    (
        COUPLET,
        "model: {encoder: [{type: bidirectional, units: 64, merge: sum}, {type: conv, residual: true}]}",
        "C213",
        "model.encoder.1",
        "64 wide, to 128",
    ),
    (COUPLET, "train: {epochs: 3, stages: [{epochs: 1}]}", "C220", "train.epochs", "by train.epochs; got 3"),
    (COUPLET, "train: {steps: 3, stages: [{epochs: 1}]}", "C220", "train.steps", "write `steps: ~`"),
    (COUPLET, "train: {epochs: ~}", "C220", "train.epochs", "length of training is not set"),
    (COUPLET, "train: {stages: [{steps: 2}, {trainable_from: head}]}", "C220", "train.stages.1", "epochs or steps"),
    (COUPLET, "train: {stages: [{steps: 2, epochs: 1}]}", "C220", "train.stages.0.steps", "got epochs 1 and steps 2"),
    (
        COUPLET,
        "optimizer: {type: adam, schedule: {type: linear, warmup_steps: 9}}\ntrain: {stages: [{epochs: 9}, {steps: 9}]}",
        "C212",
        "train.stages.1.steps",
        "9 warm-up steps, expected fewer than train.stages.1.steps, 9",
    ),
    (
        COUPLET,
        "train: {stages: [{steps: 9, optimizer: {type: sgd, schedule: {type: constant, warmup_steps: 10}}}]}",
        "C212",
        "train.stages.0.optimizer.schedule.warmup_steps",
        "fewer than train.stages.0.steps, 9",
    ),
    (COUPLET, "samples: [晚风, 晚风摇树树还挺晚风摇树树还挺晚风摇树]", "C216", "samples.1", "18 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("base", "text", "code", "path", "words"), BROKEN)
def test_broken(problems: Problems, base: str, text: str, code: str, path: str, words: str) -> None:
    (problem,) = problems(f"{base}{text}\n")
    assert (problem.code, problem.path) == (code, path)
    assert words in str(problem)


@pytest.mark.parametrize(
    "text",
    [
        COUPLET,
        SEGMENTATION,
        COUPLET + "model: {head: {type: softmax, tied: true}}\n",
        COUPLET + "metrics: [bleu]\ncheckpoint: {monitor: valid/unseen/bleu, mode: max}\n",
        COUPLET + "train: {buckets: [4, 8, 16]}\n",
        COUPLET + "train: {epochs: ~, steps: 5}\n",
        COUPLET + "train: {epochs: ~, steps: ~, stages: [{epochs: 1}]}\n",
        COUPLET
        + "optimizer: {type: adam, schedule: {type: linear, warmup_steps: 9}}\n"
        + "train: {stages: [{epochs: 1}, {steps: 2, optimizer: adam}]}\n",
        COUPLET + "train: {steps: 10}\noptimizer: {type: adam, schedule: {type: cosine, warmup_steps: 9}}\n",
        COUPLET + "data: {max_length: 5}\nsamples: [晚风摇树树]\n",
        COUPLET + "model: {encoder: [{type: gated_conv, filters: 128, repeat: 3}]}\n",
        COUPLET
        + "model: {encoder: [{type: conv, filters: 64}, {type: conv, filters: 64, residual: true}]}\n",
        SEGMENTATION + "model: {head: softmax}\nloss: cross_entropy\n",
        "task: sentiment\nloss: {type: sum, losses: [{loss: focal}, {weight: 0, loss: center}]}\n",
        SEGMENTATION + f"samples: [{'晚风' * 200}]\n",
        SEGMENTATION
        + "metrics: [{type: word_f1, author_set_recall: true}]\ncheckpoint: {monitor: valid/set_recall}\n",
    ],
)
def test_sound(problems: Problems, text: str) -> None:
    assert problems(text) == []


def test_a_head_of_another_kind_is_told_for_loss_and_decoder(problems: Problems) -> None:
    found = problems(COUPLET + "model: {head: crf}\n")
    assert [(problem.code, problem.path) for problem in found] == [
        ("C201", "model.head"),
        ("C202", "model.head"),
    ]


def test_a_block_that_repeats_takes_its_own_output(problems: Problems) -> None:
    text = (
        COUPLET
        + "model: {embedding: {dim: 64}, encoder: [{type: conv, residual: true, filters: 64, repeat: 9}]}\n"
    )
    assert problems(text) == []


def corpus(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("甲 乙\n", encoding="utf-8")


def test_corpus_files(problems: Problems, tmp_path: Path) -> None:
    corpus(tmp_path, "train.txt", "in.txt")
    text = (
        SEGMENTATION + "data: {source: {type: segmented_text, train: train.txt, valid: v.txt, test: t.txt}}\n"
    )
    found = problems(text)
    assert [(problem.code, problem.path) for problem in found] == [
        ("C206", "data.source.valid"),
        ("C206", "data.source.test"),
    ]
    assert str(tmp_path / "v.txt") in found[0].what
    assert "NLPX_DATA" in found[0].advice
    found = problems(COUPLET + "data: {source: {type: pairs, train: [in.txt, out.txt], holdout: 1}}\n")
    assert [(problem.code, problem.path) for problem in found] == [("C206", "data.source.train.1")]


def test_a_run_from_elsewhere_may_lack_files(load: Load) -> None:
    text = SEGMENTATION + "data: {source: {type: segmented_text, train: gone.txt, holdout: 1}}\n"
    text += "decode: {type: viterbi, dictionary: gone.tsv}\n"
    assert load(text, moved=True).data.source.files() == {"train": ["gone.txt"]}


def test_dictionary(problems: Problems, tmp_path: Path) -> None:
    text = SEGMENTATION + "decode: {type: viterbi, dictionary: words.tsv}\n"
    (problem,) = problems(text)
    assert (problem.code, problem.path) == ("C206", "decode.dictionary")
    corpus(tmp_path, "words.tsv")
    (problem,) = problems(text)
    assert (problem.code, problem.path) == ("C221", "decode.dictionary")
    (tmp_path / "words.tsv").write_text("甲乙\t10\n", encoding="utf-8")
    assert problems(text) == []


@pytest.mark.parametrize(
    ("base", "source", "wanted"),
    [(SEGMENTATION, "segmented_text", "file"), ("task: dogs\n", "folders", "file or folder")],
)
@pytest.mark.parametrize(("name", "what"), [("pipe", "a pipe"), ("/dev/null", "a device"), ("f", "a folder")])
def test_what_stands_in_the_place_of_a_corpus_is_told(
    problems: Problems, tmp_path: Path, base: str, source: str, wanted: str, name: str, what: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "f").mkdir()
    found = problems(f"{base}data: {{source: {{type: {source}, train: {name}, test: {name}}}}}\n")
    told = [(problem.what, problem.advice) for problem in found if problem.code == "C206"]
    path = tmp_path / name
    expected = (
        [] if (what, source) == ("a folder", "folders") else [(f"{path} is {what}, not a {wanted}", "")] * 2
    )
    assert told == expected


def test_what_stands_in_the_place_of_a_dictionary_is_told(problems: Problems, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (problem,) = problems(SEGMENTATION + "decode: {type: viterbi, dictionary: pipe}\n")
    assert (problem.code, problem.what) == ("C206", f"{tmp_path / 'pipe'} is a pipe, not a file")


def test_rows_to_validate_on(problems: Problems, tmp_path: Path) -> None:
    corpus(tmp_path, "t.txt", "v.txt")
    source = "data: {source: {type: segmented_text, train: t.txt"
    (neither,) = problems(f"{SEGMENTATION}{source}}}}}\n")
    assert (neither.code, neither.path) == ("C215", "data.source")
    (both,) = problems(f"{SEGMENTATION}{source}, valid: v.txt, holdout: 3}}}}\n")
    assert (both.code, both.path) == ("C214", "data.source.holdout")
    assert problems(f"{SEGMENTATION}{source}, holdout: 3}}}}\n") == []
    assert problems(f"{SEGMENTATION}{source}, valid: v.txt}}}}\n") == []


def test_missing_extra(problems: Problems, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "missing_modules", lambda extra: ["sacrebleu"] if extra == "metrics" else [])
    (problem,) = problems(COUPLET + "metrics: [nll, bleu]\n")
    assert (problem.code, problem.path) == ("C205", "metrics.1")
    assert "sacrebleu, which is not installed" in problem.what
    assert problem.advice == "pip install -e '.[metrics]' in the checkout of nlpx"
    assert problems(COUPLET + "metrics: [nll, bleu]\n", moved=True) == []
