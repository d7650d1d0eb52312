"""Whatever the text, a config loads or is refused with a report; nothing else happens."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.config.load import load_experiment
from nlpx.config.problems import CODES, ConfigProblems
from nlpx.errors import ConfigError
from tests.config.test_problems import ALL_AT_ONCE

SOUND = """\
task: segmentation
vars: {rate: 1e-3}
data:
  source: {type: builtin, name: segmentation}
model:
  encoder:
    - {type: conv, filters: 128, kernel_size: 3, repeat: 3}
  head: {type: crf}
optimizer: {type: adam, learning_rate: "${vars.rate}"}
train: {epochs: 8, batch_size: 64}
metrics: [word_f1, nll]
samples: [他从小学起钢琴来了]
"""


def outcome(content: bytes, *overrides: str) -> str:
    """The report of a file's content; empty where it loads."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "c.yaml"
        path.write_bytes(content)
        try:
            load_experiment(path, overrides, moved=True)
        except ConfigProblems as error:
            assert error.problems
            assert isinstance(error, ConfigError)
            assert {problem.code for problem in error.problems} <= set(CODES)
            assert [p.mark.order for p in error.problems] == sorted(p.mark.order for p in error.problems)
            return str(error)
        return ""


def test_the_sound_one_is_sound() -> None:
    assert outcome(SOUND.encode()) == ""


@given(st.binary(max_size=200))
def test_bytes(content: bytes) -> None:
    assert outcome(content)


@given(st.text(max_size=200))
def test_text(text: str) -> None:
    assert outcome(text.encode("utf-8", "surrogatepass"))


@given(st.text("abc:-?[]{}&*!|>'\"%@`#,~<.0123e+ \n\t$task", max_size=60))
def test_the_alphabet_of_yaml(text: str) -> None:
    outcome(text.encode())


@settings(max_examples=300)
@given(st.data())
def test_mutations(data: st.DataObject) -> None:
    """A few characters of a config removed, inserted or swapped."""
    text = data.draw(st.sampled_from([SOUND, ALL_AT_ONCE]))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 12))
        inserted = data.draw(st.text("ab:-[]{}&*!'\"#,\n\t $3晚", max_size=4))
        text = text[:start] + inserted + text[end:]
    outcome(text.encode())


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["adam", "conv", "${vars.rate}", "${env:HOME}", "${", "nll"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "a", "train", "repeat"]), inner, max_size=3)
    ),
    max_leaves=6,
)
paths = st.sampled_from(
    re.findall(
        r"[\w.]+",
        "task seed name data data.source data.root data.source.type vocabulary.unit model model.head",
    )
    + re.findall(
        r"[\w.]+", "model.encoder model.encoder.0 model.encoder.0.type model.embedding.ngrams optimizer vars"
    )
    + re.findall(
        r"[\w.]+", "optimizer.schedule tricks train train.buckets train.early_stopping checkpoint include"
    )
    + re.findall(
        r"[\w.]+", "checkpoint.monitor decode decode.dictionary metrics metrics.0 samples observers loss"
    )
)


@settings(max_examples=300)
@given(st.lists(st.tuples(paths, values), min_size=1, max_size=3))
def test_any_value_anywhere(changes: list[tuple[str, object]]) -> None:
    arguments = [
        f"{path}={yaml.safe_dump(value, default_flow_style=True, allow_unicode=True)}"
        for path, value in changes
    ]
    outcome(SOUND.encode(), *arguments)


@given(st.text(max_size=30))
def test_any_override(argument: str) -> None:
    outcome(SOUND.encode(), argument.encode("utf-8", "replace").decode())
