"""A writer has enough of everything to learn 16 headlines by heart, and beams to read them off."""

from __future__ import annotations

import json
from pathlib import Path

from tests.tasks.conftest import Command

CONFIG = """\
task: title
data:
  root: made
  max_length: 40
  source: {type: articles, train: train.jsonl, valid: train.jsonl}
vocabulary: {min_count: 1}
model:
  embedding: {dim: 96, dropout: 0}
  encoder: [{type: bidirectional, cell: lstm, units: 48}]
  decoder: {units: 96, layers: 1, modulation: 16, dropout: 0}
  attention: {heads: 2, head_dim: 16}
  pointer: ~
optimizer: {type: adam, learning_rate: 1e-2, schedule: {type: cosine, warmup_steps: 10}}
train: {steps: 110, epochs: ~, batch_size: 16, buckets: [40], evaluate_every: 110}
decode: {type: beam, size: 3, max_length: 30}
metrics: [nll]
checkpoint: {monitor: valid/nll}
"""


def test_16_headlines_are_learned_by_heart(nlpx: Command, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "sample.yaml").write_text("task: title\n", encoding="utf-8")
    made = tmp_path / "made"
    assert nlpx("data", "export", tmp_path / "sample.yaml", "--rows", "16", "--output", made).code == 0
    assert nlpx("train", tmp_path / "c.yaml", "--output", tmp_path / "runs", "--name", "r").code == 0
    run = tmp_path / "runs" / "title" / "r"
    (evaluation,) = (run / "eval").glob("*.json")
    assert json.loads(evaluation.read_text(encoding="utf-8"))["metrics"]["nll"] < 0.05
    rows = [json.loads(line) for line in (made / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    lines = evaluation.with_suffix(".predictions.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["answer"] for line in lines] == [row["title"] for row in rows]
    assert len(rows) == 16
