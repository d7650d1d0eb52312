"""jieba as a reference."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.text.jieba_words import jieba_tokenizer, jieba_words

MIXED = st.text("我们爱abAB019.%-+#&_，。 \t\n\r\u3000か\u3099🎉\u200d\u0301１ａ龘𠮷")


@given(st.text(st.characters(exclude_categories=["Cs"])) | MIXED)
@settings(max_examples=300, deadline=None)  # the first call loads the dictionary
def test_words_join_into_the_text(text: str) -> None:
    words = jieba_words(text)
    assert "".join(words) == text
    assert all(words)


def test_equals_jieba_itself(tmp_path: Path) -> None:
    oracle = jieba.Tokenizer()
    oracle.tmp_dir = str(tmp_path)
    for text in [
        "我来到北京清华大学",
        "他来到了网易杭研大厦",
        "小明硕士毕业于中国科学院计算所，后在日本京都大学深造",
        "C++和i5-2.5%，3.14",
    ]:
        assert jieba_words(text) == tuple(oracle.cut(text))


def test_it_is_silent_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    jieba_tokenizer.cache_clear()
    with caplog.at_level(logging.DEBUG):
        assert jieba_words("今天天气不错") == ("今天天气", "不错")
    assert not caplog.records
    assert not list(tmp_path.iterdir())
