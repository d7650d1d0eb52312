"""Words by jieba: the reference that segmentation is compared with, and tokens of headlines."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jieba import Tokenizer


def jieba_words(text: str) -> tuple[str, ...]:
    """The words of jieba's precise mode with its HMM; joined, they are the text.

    The first call loads jieba's dictionary, which takes about a second.
    """
    return tuple(jieba_tokenizer().cut(text))


@cache
def jieba_tokenizer() -> Tokenizer:
    """A tokenizer of jieba's own dictionary.

    jieba would load it through `jieba.cache` in the folder for temporary files, where other versions and
    other users leave theirs, and log while it does. Filled here, it reads and writes no such file, silently.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # outdated escapes and pkg_resources, in jieba's own code
        import jieba
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer
