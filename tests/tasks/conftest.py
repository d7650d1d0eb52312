"""Two tiny finished runs, trained once for all tests of this folder, by the commands a user would type."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from nlpx.cli.main import run

COUPLET = """\
task: couplet
data: {limit: 400}
vocabulary: {min_count: 1}
model:
  embedding: {dim: 16, dropout: 0.1}
  encoder:
    - {type: gated_conv, repeat: 2}
tricks:
  - {type: ema, momentum: 0.9}
  - {type: clip_gradients, norm: 5}
train: {epochs: 2, batch_size: 32, log_every: 5}
samples: [今天天气不错, "春风，秋月"]
"""
SEGMENTATION = """\
task: segmentation
data: {limit: 400, max_length: 32}
model:
  embedding: {dim: 16, ngrams: [{size: 2, dim: 8, min_count: 2, dropout: 0.1}], lexicon: {dropout: 0.1}}
  encoder:
    - {type: conv, filters: 16}
optimizer: {type: adam, learning_rate: 1e-2}
train: {epochs: 3, batch_size: 32, log_every: 5}
samples: [研究生命的起源]
"""
CONFIGS = {"couplet": COUPLET, "segmentation": SEGMENTATION}


@dataclass(frozen=True)
class Shown:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Standard error on one line, as terminals may break it anywhere."""
        return " ".join(self.err.split())


Command = Callable[..., Shown]


@pytest.fixture
def nlpx(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command line in this process; `stdin` are the bytes of standard input."""

    def command(*arguments: str | Path, stdin: bytes | None = None) -> Shown:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        return Shown(code, shown.out, shown.err)

    return command


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs with one finished run of each task, `couplet/tiny` and `segmentation/tiny`."""
    folder = tmp_path_factory.mktemp("finished")
    for task, text in CONFIGS.items():
        config = folder / f"{task}.yaml"
        config.write_text(text, encoding="utf-8")
        assert run(["train", str(config), "--output", str(folder / "runs"), "--name", "tiny"]) == 0
    return folder / "runs"


@pytest.fixture
def runs(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished runs that a test may break."""
    return Path(shutil.copytree(finished, tmp_path / "runs"))
