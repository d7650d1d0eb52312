"""ROUGE against its definition, and what copying measures."""

from __future__ import annotations

from itertools import combinations
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.metrics.copying import Copying
from nlpx.components.metrics.rouge import Rouge, characters, common_subsequence, ngram_f1
from tests.components.metrics.measuring import measure, texts

SHORT = st.text("甲乙丙a", max_size=8)


def written(text: str, predicted: str, finished: bool = True) -> SimpleNamespace:
    return SimpleNamespace(source_text=text, predicted_text=predicted, finished=finished)


@given(SHORT, SHORT)
def test_the_longest_of_all_common_subsequences(first: str, second: str) -> None:
    def subsequences(text: str) -> set[str]:
        return {"".join(part) for n in range(len(text) + 1) for part in combinations(text, n)}

    common = subsequences(first) & subsequences(second)
    assert common_subsequence(first, second) == max(map(len, common))


@given(SHORT, SHORT, st.integers(1, 3))
def test_ngrams_are_matched_one_to_one(answer: str, reference: str, n: int) -> None:
    ours = [answer[i : i + n] for i in range(len(answer) - n + 1)]
    left = [reference[i : i + n] for i in range(len(reference) - n + 1)]
    total, matched = len(ours) + len(left), 0
    for gram in ours:
        if gram in left:
            left.remove(gram)
            matched += 1
    assert ngram_f1(answer, reference, n) == pytest.approx(2 * matched / total if total else 0)


def test_an_example_by_hand() -> None:
    """Answer 5 and reference 6 characters; 4 in common, 2 bigrams, the subsequence 警方击毙."""
    found = measure(Rouge(), [texts("警方击毙枪手", "警方 将击毙")])
    assert found == pytest.approx({"rouge_1": 800 / 11, "rouge_2": 400 / 9, "rouge_l": 800 / 11})
    both = measure(Rouge(), [texts("警方击毙枪手", "警方 将击毙"), texts("甲", "乙")])
    assert both["rouge_1"] == pytest.approx(400 / 11)


def test_case_and_blanks_do_not_count() -> None:
    assert characters(" iPhone 上\u3000市") == "iphone上市"
    assert measure(Rouge(), [texts("AB C甲", "abc 甲")])["rouge_2"] == 100


def test_equal_empty_and_no_rows() -> None:
    assert measure(Rouge(), [texts("同一句", "同一句")]) == {
        "rouge_1": 100,
        "rouge_2": 100,
        "rouge_l": 100,
    }
    assert measure(Rouge(), [texts("有", "")]) == {"rouge_1": 0, "rouge_2": 0, "rouge_l": 0}


def test_copying_by_hand() -> None:
    examples = [written("今天下雨了", "今下雪", finished=False), written("甲乙", "甲乙")]
    found = measure(Copying(), examples)
    assert found == pytest.approx(
        {"copy_rate": 4 / 5, "novel_bigrams": 2 / 3, "repeated_trigrams": 0, "without_end": 1 / 2}
    )


def test_repeated_trigrams_by_hand() -> None:
    # 下雨了 stands twice and 雨了下 once in the first, four trigrams in all; 啊啊啊 three times in the second.
    examples = [written("", predicted) for predicted in ("下雨了下雨了", "啊啊啊啊啊", "甲乙")]
    assert measure(Copying(), examples)["repeated_trigrams"] == pytest.approx((1 + 2) / (4 + 3))


def test_the_beginning_of_an_article_is_all_copied() -> None:
    found = measure(Copying(), [written("今天下雨了", "今天下")])
    assert found == {"copy_rate": 1, "novel_bigrams": 0, "repeated_trigrams": 0, "without_end": 0}
