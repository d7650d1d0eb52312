"""Small runs, each trained once for all tests, by the command that a user would type."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from nlpx.cli.main import run
from tests.photographs import photographed

ROOT = Path(__file__).resolve().parents[1]
COUPLET = f"""\
extends: {ROOT / "configs" / "couplet.yaml"}
data: {{limit: 400}}
model:
  embedding: {{dim: 16, dropout: 0.1}}
  encoder:
    - {{type: gated_conv, repeat: 2}}
tricks:
  - {{type: ema, momentum: 0.9}}
  - {{type: gradient_clip, norm: 5}}
train: {{epochs: 2, batch_size: 32, buckets: [8, 16], log_every: 5}}
"""
"""The config whose training the README shows, but smaller. Of few lengths, as each is compiled."""
SEGMENTATION = """\
task: segmentation
data: {limit: 400, max_length: 16}
model:
  embedding: {dim: 16, ngrams: [{size: 2, dim: 8, min_count: 2, dropout: 0.1}], lexicon: {dropout: 0.1}}
  encoder:
    - {type: conv, filters: 16}
optimizer: {type: adam, learning_rate: 1e-2}
train: {epochs: 3, batch_size: 32, buckets: [16], log_every: 5}
samples: [研究生命的起源]
"""
KILLED = "killed"
CONFIGS = {"couplet": COUPLET, "segmentation": SEGMENTATION}


@dataclass(frozen=True)
class Trained:
    """A finished run, and what its training wrote on standard output and standard error."""

    path: Path
    out: str
    err: str

    def killed(self, step: int, to: Path) -> Path:
        """A copy of the run as a kill after an update would have left it, two updates after a checkpoint."""
        return Path(shutil.copytree(self.path.parents[2] / KILLED / str(step), to / "killed"))


TrainOnce = Callable[[str], Trained]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a test run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def trained_once(shared: Path) -> TrainOnce:
    """Trains the text of a config as the run `tiny`; the same text is trained once, whichever worker asks.

    Tests change copies only.
    """

    def train(config: str) -> Trained:
        folder = shared / "trained" / hashlib.sha256(config.encode()).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        out, err = folder / "out.txt", folder / "err.txt"
        with FileLock(folder / "lock"):
            if not err.exists():
                out_text, err_text = _train(config, folder)
                out.write_text(out_text, encoding="utf-8")
                err.write_text(err_text, encoding="utf-8")
        (path,) = re.findall(r"^run: (.*)$", out.read_text(encoding="utf-8"), re.MULTILINE)
        return Trained(Path(path), out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    return train


def _train(config: str, folder: Path) -> tuple[str, str]:
    """What the command writes on standard output and standard error."""
    (folder / "c.yaml").write_text(config, encoding="utf-8")
    for name in ("runs", KILLED):
        shutil.rmtree(folder / name, ignore_errors=True)
    with (
        redirect_stdout(io.StringIO()) as out,
        redirect_stderr(io.StringIO()) as err,
        photographed(folder / KILLED),
    ):
        code = run(["train", str(folder / "c.yaml"), "--output", str(folder / "runs"), "--name", "tiny"])
    assert code == 0, err.getvalue()
    return out.getvalue(), err.getvalue()


@pytest.fixture(scope="session")
def finished(trained_once: TrainOnce, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs with one finished run of each task, `couplet/tiny` and then `segmentation/tiny`."""
    folder = tmp_path_factory.mktemp("finished") / "runs"
    for task, config in CONFIGS.items():
        shutil.copytree(trained_once(config).path, folder / task / "tiny")
    return folder
