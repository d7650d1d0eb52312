"""BLEU against sacrebleu on the whole corpus."""

from __future__ import annotations

import sys

import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.metrics.bleu import BLEU
from nlpx.errors import EnvironmentProblem
from tests.components.metrics.measuring import counted, measure, texts

PAIRS = st.lists(st.tuples(*[st.text("春夏秋冬a，🎉", max_size=8)] * 2), min_size=1, max_size=8)


@given(PAIRS, st.sampled_from(["zh", "char"]), st.integers(1, 5))
def test_equals_the_corpus_score(pairs: list[tuple[str, str]], tokenize: str, max_order: int) -> None:
    references, answers = [reference for reference, _ in pairs], [answer for _, answer in pairs]
    oracle = sacrebleu.BLEU(tokenize=tokenize, max_ngram_order=max_order)
    metric = BLEU.model_validate({"type": "bleu", "tokenize": tokenize, "max_order": max_order})
    found = measure(metric, [texts(reference, answer) for reference, answer in pairs])
    if any(line.strip() for line in references):
        assert found == {"bleu": oracle.corpus_score(answers, [references]).score}
    else:
        assert found == {}


def test_asking_twice_changes_nothing() -> None:
    metric = counted(BLEU(), [texts("春夏秋冬春", "春夏秋冬夏")])
    assert metric.result() == metric.result()
    metric.update(texts("冬秋", "冬秋"))
    oracle = sacrebleu.corpus_bleu(["春夏秋冬夏", "冬秋"], [["春夏秋冬春", "冬秋"]], tokenize="zh")
    assert metric.result() == {"bleu": oracle.score}


def test_chinese_without_blanks_is_not_scored_as_zero() -> None:
    line = "晚风摇树树还挺"
    assert measure(BLEU(), [texts(line, line)])["bleu"] == pytest.approx(100)
    assert sacrebleu.corpus_bleu([line], [[line]], tokenize="13a").score == 0


def test_the_signature_tells_tokenizer_order_and_version() -> None:
    assert BLEU(tokenize="char", max_order=2).fresh().signature == (
        f"nrefs:1|case:mixed|eff:no|tok:char|smooth:exp|version:{sacrebleu.__version__}|order:2"
    )


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    measure(BLEU(), [texts("春夏冬", "春 .")] * 150)
    assert not caplog.records


def test_without_sacrebleu_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    with pytest.raises(EnvironmentProblem, match=r"pip install -e '\.\[metrics\]'"):
        BLEU().fresh()
