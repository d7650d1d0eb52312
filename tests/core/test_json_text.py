"""JSON of strangers: what is accepted can be walked, counted and decoded."""

from __future__ import annotations

import pytest

from nlpx.core.files import Unreadable
from nlpx.core.json_text import DEEPEST, parse_json


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_depth_is_bounded(opening: bytes, closing: bytes) -> None:
    levels = DEEPEST // (1 + (len(opening) > 5))
    parse_json(opening * levels + b"1" + closing * levels)
    for more in (levels + 1, 300, 900, 100_000):
        with pytest.raises(Unreadable, match="it is nested too deeply"):
            parse_json(opening * more + b"1" + closing * more)


@pytest.mark.parametrize("content", [b"[[], {}, 1]", b"null", b'{"a": [1, {"b": []}]}'])
def test_what_is_read_is_what_is_written(content: bytes) -> None:
    assert repr(parse_json(content)).replace("'", '"').replace("None", "null").encode() == content
