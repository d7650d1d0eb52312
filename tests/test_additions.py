"""A component is one file, a layer two, a task one folder, and nothing that exists is edited for them.

All are put into a copy of the package, and one run uses them together.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

DOCUMENTED = '''
    """Made for a test.

    Options: none.
    Shapes: any.
    Data: any.
    Relations: none.
    Reference: none.
    Example:
        {example}
    """
'''

FILES = {
    "losses/doubled.py": """
from typing import ClassVar, Literal
from nlpx.components.losses.cross_entropy import CrossEntropy

class Doubled(CrossEntropy):
    type: Literal["doubled"] = "doubled"

    def terms(self, values, step):
        return {name: term._replace(coefficient=2.0) for name, term in super().terms(values, step).items()}
""",
    "metrics/length.py": """
from typing import ClassVar, Literal
from nlpx.components.metrics.base import Metric

class Length(Metric):
    needs: ClassVar = frozenset({"predicted_text"})
    directions: ClassVar = {"predicted_length": "max"}
    type: Literal["length"] = "length"

    def terms(self, example):
        return {"predicted_length": (len(example.predicted_text), 1)}
""",
    "decoders/echo.py": """
from typing import ClassVar, Literal
from nlpx.components.decoders.line import LineDecoder

class Echo(LineDecoder):
    type: Literal["echo"] = "echo"

    def decode(self, upper, log_probs, tokens):
        return upper

    def may_use(self, token):
        return True
""",
    "tricks/halved.py": """
from typing import Literal
from nlpx.components.tricks.base import Trick

class Halved(Trick):
    type: Literal["halved"] = "halved"

    def gradients(self, pairs):
        return [(None if gradient is None else gradient / 2, variable) for gradient, variable in pairs]
""",
    "schedules/stepped.py": """
from typing import Literal
from nlpx.components.schedules.base import Schedule
from nlpx.core.lazy import ops

class Stepped(Schedule):
    type: Literal["stepped"] = "stepped"

    def decay(self, step, total):
        return 1 / (1 + ops.floor(step / 2))
""",
    "optimizers/signed.py": """
from typing import ClassVar, Literal
from nlpx.components.optimizers.base import Optimizer

class Signed(Optimizer):
    keras_class: ClassVar[str] = "Lion"
    type: Literal["signed"] = "signed"
""",
    "sources/mirrored.py": """
from typing import ClassVar, Literal
from nlpx.components.sources.base import FileSource
from nlpx.data.records import Pair

class Mirrored(FileSource):
    record: ClassVar[str] = Pair.kind
    type: Literal["mirrored"] = "mirrored"

    def read(self, paths):
        for where, line in self.lines(paths):
            yield Pair(where, line, line[::-1])
""",
    "encoders/scaled.py": """
from typing import Literal
from nlpx.components.encoders.base import Encoder

class Scaled(Encoder):
    type: Literal["scaled"] = "scaled"
    by: float = 2.0

    def width(self, inputs):
        return inputs
""",
    "encoders/scaled_layer.py": """
import keras
from nlpx.layers.masking import SequenceLayer, apply_mask

@keras.saving.register_keras_serializable(package="nlpx")
class ScaledLayer(SequenceLayer):
    def __init__(self, by, **kwargs):
        super().__init__(**kwargs)
        self.by = by

    def call(self, x, mask=None, training=None):
        return apply_mask(x * self.by, mask)
""",
}

CONFIG = """
task: palindrome
data: {source: {type: mirrored, train: lines.txt, holdout: 8}}
model: {embedding: {dim: 8, dropout: 0.0}, encoder: [{type: scaled, by: 3.0}]}
loss: doubled
optimizer: {type: signed, learning_rate: 1e-3, schedule: stepped}
tricks: [halved]
train: {epochs: 1, batch_size: 8}
decode: echo
metrics: [nll, length]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with one more of everything."""
    folder = tmp_path_factory.mktemp("additions")
    package = folder / "nlpx"
    shutil.copytree(ROOT / "nlpx", package)  # with compiled files, which Python compares with their sources
    for name, code in FILES.items():
        path = package / "components" / name
        assert not path.exists()
        head, is_class, body = code.strip().partition("(")
        start, colon, rest = body.partition(":\n")
        documented = DOCUMENTED.format(example=f"{path.parent.name}: {path.stem}")
        text = code if name.endswith("_layer.py") else f"{head}{is_class}{start}{colon}{documented}{rest}\n"
        path.write_text(text, encoding="utf-8")
    task = package / "tasks" / "palindrome"
    shutil.copytree(package / "tasks" / "couplet", task)
    for path in task.rglob("*.py"):
        text = (
            path.read_text(encoding="utf-8").replace("couplet", "palindrome").replace("Couplet", "Palindrome")
        )
        for kept in ("couplet_rules", "CoupletRules"):
            text = text.replace(kept.replace("ouplet", "alindrome").replace("C", "P").replace("c", "p"), kept)
        path.write_text(text, encoding="utf-8")
    (task / "sample" / "couplet.py").rename(task / "sample" / "palindrome.py")
    lines = [chr(0x4E00 + i) + chr(0x4E20 + i % 7) + chr(0x4E40 + i % 5) for i in range(40)]
    (folder / "lines.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    return folder


PROGRAM = """
import contextlib, io, json, sys
from nlpx.cli.main import run
shown = []
for words in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        code = run(words)
    shown.append([code, out.getvalue()])
print(json.dumps(shown))
"""


def nlpx(folder: Path, *lines: list[str]) -> list[str]:
    """What the commands write that one process of the copy runs, one after the other."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(lines)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert [code for code, _ in shown] == [0] * len(lines), done.stderr
    return [out for _, out in shown]


def test_all_are_found_and_checked(folder: Path) -> None:
    listed, checked, made = nlpx(
        folder, ["list"], ["check", "config.yaml"], ["new", "palindrome", "starter.yaml"]
    )
    assert all(Path(name).stem in listed for name in FILES if not name.endswith("_layer.py"))
    assert checked == "config.yaml: ok\n"
    assert (made, "palindrome" in listed) == ("starter.yaml\n", True)


def test_one_run_uses_all(folder: Path) -> None:
    _, predicted = nlpx(
        folder,
        ["train", "config.yaml", "--name", "run"],
        ["predict", "runs/palindrome/run", "--text", "春风"],
    )
    run = folder / "runs" / "palindrome" / "run"
    assert (run / "STATUS").read_text(encoding="utf-8").strip() == "finished"
    assert '"predicted_length": 3.0' in (run / "eval" / "valid.json").read_text(encoding="utf-8")
    assert predicted.strip() == "春风"
