"""User dictionaries."""

from __future__ import annotations

from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.errors import DataError
from nlpx.text.dictionary import UserDictionary

FACTORS = st.sampled_from([0.1, 0.5, 1.0, 2.0, 10.0])


def slow_bias(factors: dict[str, float], text: str) -> np.ndarray:
    """Every word tried at every position."""
    bias = np.zeros((len(text), 4))
    for word, factor in factors.items():
        tags = [0] if len(word) == 1 else [1] + [2] * (len(word) - 2) + [3]
        for start in range(len(text)):
            if text.startswith(word, start):
                for offset, tag in enumerate(tags):
                    bias[start + offset, tag] += log(factor)
    return bias


@given(
    st.dictionaries(st.text("天地", min_size=1, max_size=4), FACTORS, max_size=8),
    st.text("天地", max_size=12),
)
def test_overlapping_and_nested_occurrences_each_apply(factors: dict[str, float], text: str) -> None:
    bias = UserDictionary(factors).bias(text)
    occurs = any(word in text for word in factors)
    assert (bias is not None) == occurs
    if bias is not None:
        assert bias.dtype == np.float32
        np.testing.assert_allclose(bias, slow_bias(factors, text), atol=1e-6)


def test_the_demonstration_of_the_article() -> None:
    bias = UserDictionary({"微信号": 10}).bias("我的微信号是")
    assert bias is not None
    assert {(int(i), "sbme"[k]) for i, k in np.argwhere(bias)} == {(2, "b"), (3, "m"), (4, "e")}
    np.testing.assert_allclose(bias[bias != 0], log(10), rtol=1e-6)


def test_shared_ends_add_up() -> None:
    bias = UserDictionary({"天地": 2, "天地人": 3, "地人": 5, "人": 7}).bias("天地人")
    assert bias is not None
    expected = [[0, log(2 * 3), 0, 0], [0, log(5), log(3), log(2)], [log(7), 0, 0, log(3 * 5)]]
    np.testing.assert_allclose(bias, expected, rtol=1e-6)


def test_a_word_of_one_character_is_single() -> None:
    bias = UserDictionary({"的": 2}).bias("的的")
    assert bias is not None
    np.testing.assert_allclose(bias, [[log(2), 0, 0, 0]] * 2, rtol=1e-6)


@pytest.mark.parametrize(
    "factors", [{"": 2.0}, {"天": 0.0}, {"天": -1.0}, {"天": float("inf")}, {"天": float("nan")}]
)
def test_impossible_factors_are_refused(factors: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected a word with a factor above 0"):
        UserDictionary(factors)


def write(folder: Path, content: bytes) -> Path:
    path = folder / "words.txt"
    path.write_bytes(content)
    return path


def test_both_separators_comments_blanks_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    content = (
        "\ufeff# 专名\r\n微信号,10\r\n\r\nNew-York\t2.5\r\na,b\t0.5\r\n1,000,3\r\nC#\t4\r\n微信号,10".encode()
    )
    dictionary = UserDictionary.load(write(tmp_path, content))
    for word, factor in {"微信号": 10, "New-York": 2.5, "a,b": 0.5, "1,000": 3, "C#": 4}.items():
        bias = dictionary.bias(word)
        assert bias is not None
        assert bias[0, 1] == pytest.approx(log(factor)), word
    assert dictionary.bias("专名") is None


def test_every_wrong_line_is_named(tmp_path: Path) -> None:
    lines = ["微信号,10", "没有因子", "词,很大", "词,0", "词,-2", "词,inf", "词\t", ",5", "微信号,9"]
    path = write(tmp_path, "\n".join(lines).encode() + b"\n\xff\xfe,3\n")
    with pytest.raises(DataError) as caught:
        UserDictionary.load(path)
    report = str(caught.value).splitlines()
    assert [line.split(": ")[0] for line in report] == [f"{path}:{number}" for number in range(2, 11)]
    expected = [
        "a tab or comma",
        "'很大' is not a number",
        "is 0; expected",
        "is -2; expected",
        "is inf; expected",
    ]
    expected += ["a tab or comma", "a tab or comma", "also occurs with the factor 10", "not UTF-8"]
    for line, part in zip(report, expected, strict=True):
        assert part in line


def test_a_long_report_is_cut(tmp_path: Path) -> None:
    path = write(tmp_path, "词\n".encode() * 60)
    with pytest.raises(DataError) as caught:
        UserDictionary.load(path)
    report = str(caught.value).splitlines()
    assert len(report) == 51
    assert report[-1] == "... and 10 more"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing.tsv"
    with pytest.raises(DataError, match=r"missing\.tsv: the user dictionary cannot be read: No such file"):
        UserDictionary.load(path)


@pytest.mark.parametrize("line", ["New York,2", "微信 号\t10", "微信\u3000号,10"])
def test_a_word_with_a_blank_inside_is_refused(tmp_path: Path, line: str) -> None:
    path = write(tmp_path, f"好,2\n{line}\n".encode())
    with pytest.raises(DataError) as caught:
        UserDictionary.load(path)
    assert str(caught.value).startswith(f"{path}:2: ") and "contains a blank" in str(caught.value)
    assert str(caught.value).endswith("expected a word, a tab or comma, and a factor, as in 微信号,10")


@pytest.mark.parametrize(("line", "count"), [("结婚\t5\tn", 3), ("微信\t号\t10", 3), ("微信号\t10\tn\t1", 4)])
def test_further_columns_are_counted(tmp_path: Path, line: str, count: int) -> None:
    path = write(tmp_path, f"好\t2\n{line}\n".encode())
    with pytest.raises(DataError) as caught:
        UserDictionary.load(path)
    assert str(caught.value).startswith(f"{path}:2: {count} columns; expected a word, a tab")
