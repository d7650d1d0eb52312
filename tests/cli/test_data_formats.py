"""Every documented format of every source, from the files of a user to `nlpx check` and `nlpx data`."""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from nlpx.core.component import builtin_registry
from nlpx.data.images import write_image
from nlpx.data.png import png
from tests.cli.program import Nlpx, nlpx
from tests.data.typeface_files import font_bytes

__all__ = ["nlpx"]

PAIRS = "晚风摇树\t晨露润花\n一江水\t万里云\n天增岁月\t春满乾坤\n"
GROUPS = "a\t驾照丢了\na\t驾照不见了\nb\t怎么退货\nb\t如何退货\n"
SCORED = "驾照丢了\t驾照不见了\t4.5\n怎么退货\t天气不错\t0\n如何退货\t几点开门\t1\n"
POEMS = "五绝\t无题\t某\t云开山月出，风定夜潮平。\n五绝\t无题\t某\t灯远人声静，舟归水气清。\n"
WORDS = "今天  天气\t不错\u3000。\n我 喜欢 读书\n他 在 家\n"
ARTICLES = [{"title": f"标题{i}", "content": f"正文\n第{i}段", "kind": "brief"} for i in range(3)]
JSON_LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ARTICLES)
TABBED = "".join(f"{row['title']}\t{row['content']!r}\n" for row in ARTICLES)
SCORES: dict[str, Any] = {
    "loss": "cosent",
    "metrics": ["correlation"],
    "checkpoint": {"monitor": "valid/spearman"},
}

ENTITY = '{"subject_id": "7", "subject": "春风", "alias": ["风"], "type": ["Song"], "data": []}\n'
ENTITY_TEXT = '{"text": "唱春风", "mention_data": [{"kb_id": "7", "mention": "春风", "offset": "1"}]}\n'


LINE = png(np.pad(np.zeros((8, 40, 1), np.uint8), [(2, 2), (2, 2), (0, 0)], constant_values=255))


@dataclass(frozen=True)
class Case:
    """A corpus: files by name, None for an image; what reads them; how many rows train has."""

    task: str
    source: dict[str, Any]
    files: Mapping[str, bytes | str | None] = field(default_factory=dict)
    rows: int = 2
    more: dict[str, Any] = field(default_factory=dict)


def pairs(train: Any, files: Mapping[str, bytes | str | None], rows: int = 2, **options: Any) -> Case:
    return Case("couplet", {"type": "pairs", "train": train, "holdout": 1, **options}, files, rows)


def articles(train: str, files: Mapping[str, bytes | str | None], **options: Any) -> Case:
    return Case("title", {"type": "articles", "train": train, "holdout": 1, **options}, files)


CASES = {
    "pairs: a TSV file": pairs("a.tsv", {"a.tsv": PAIRS}),
    "pairs: CRLF and a byte order mark": pairs("a.tsv", {"a.tsv": "\ufeff" + PAIRS.replace("\n", "\r\n")}),
    "pairs: gzip": pairs("a.tsv.gz", {"a.tsv.gz": gzip.compress(PAIRS.encode())}),
    "pairs: xz": pairs("a.tsv.xz", {"a.tsv.xz": lzma.compress(PAIRS.encode())}),
    "pairs: parallel files": pairs(["in", "out"], {"in": "晚风\n一江\n天增\n", "out": "晨露\n万里\n春满\n"}),
    "pairs: parallel files with blanks between characters": pairs(
        ["in", "out.gz"],
        {
            "in": "晚 风 摇 树\n一 江\n天 增\n",
            "out.gz": gzip.compress("晨 露 润 花\n万 里\n春 满\n".encode()),
        },
        blanks=True,
    ),
    "pairs: files for valid": pairs(
        "a.tsv", {"a.tsv": PAIRS, "i": "晚风\n", "o": "晨露\n"}, valid=["i", "o"], holdout=0, rows=3
    ),
    "segmented_text": Case(
        "segmentation", {"type": "segmented_text", "train": "a", "holdout": 1}, {"a": WORDS}
    ),
    "segmented_text: gzip, CRLF, empty lines": Case(
        "segmentation",
        {"type": "segmented_text", "train": "a.gz", "holdout": 1},
        {"a.gz": gzip.compress(("\ufeff" + WORDS.replace("\n", "\r\n\r\n")).encode())},
    ),
    "groups": Case("similarity", {"type": "groups", "train": "a.tsv", "holdout": 2}, {"a.tsv": GROUPS}),
    "groups: xz": Case(
        "similarity",
        {"type": "groups", "train": "a.tsv.xz", "holdout": 2},
        {"a.tsv.xz": lzma.compress(GROUPS.encode())},
    ),
    "scored_pairs": Case(
        "similarity", {"type": "scored_pairs", "train": "a.tsv", "holdout": 1}, {"a.tsv": SCORED}, more=SCORES
    ),
    "scored_pairs: gzip": Case(
        "similarity",
        {"type": "scored_pairs", "train": "a.gz", "valid": "a.gz"},
        {"a.gz": gzip.compress(SCORED.encode())},
        rows=3,
        more=SCORES,
    ),
    "poems": Case("poem", {"type": "poems", "train": "a.tsv", "valid": "a.tsv"}, {"a.tsv": POEMS}),
    "poems: forms, gzip": Case(
        "poem",
        {"type": "poems", "train": "a.gz", "valid": "a.gz", "forms": ["五绝"]},
        {"a.gz": gzip.compress(POEMS.encode())},
    ),
    "poems: quatrains": Case(
        "poem",
        {"type": "poems", "train": "a.tsv", "valid": "a.tsv", "unit": "quatrain"},
        {"a.tsv": "x\t\t\t云开山月出，风定夜潮平。灯远人声静，舟归水气清。\n" * 2},
        more={"data": {"length": 20}},
    ),
    "labelled_texts": Case(
        "sentiment",
        {"type": "labelled_texts", "train": "a.tsv", "holdout": 1},
        {"a.tsv": "1\t很好\n0\t太差\n1\t不错\n0\t很差\n"},
        rows=3,
    ),
    "labelled_texts: folders": Case(
        "sentiment",
        {"type": "labelled_texts", "train": "train", "valid": "train"},
        {f"train/{label}/{i}.txt": f"很{label}\n" for i, label in enumerate("好差好")},
        rows=3,
    ),
    "linked_texts": Case(
        "linking",
        {"type": "linked_texts", "kb": "kb.gz", "train": "a.json", "holdout": 1},
        {
            "kb.gz": gzip.compress(ENTITY.encode()),
            "a.json": ENTITY_TEXT + ENTITY_TEXT.replace("唱", "听") + '{"text": "好", "mention_data": []}\n',
        },
        rows=2,
    ),
    "articles: JSON lines": articles("a.jsonl", {"a.jsonl": JSON_LINES}),
    "articles: JSON lines called json": articles("a.json", {"a.json": JSON_LINES}),
    "articles: JSON lines, gzip, a filter": articles(
        "a.jsonl.gz", {"a.jsonl.gz": gzip.compress(JSON_LINES.encode())}, where={"kind": "brief"}
    ),
    "articles: TSV": articles("a.tsv", {"a.tsv": TABBED}),
    "articles: TSV, xz": articles("a.tsv.xz", {"a.tsv.xz": lzma.compress(TABBED.encode())}),
    "articles: folders": articles(
        "news", {f"news/{kind}/{i}.txt": f"标题{i}\n\u3000\u3000正文\n" for i, kind in enumerate("甲甲乙")}
    ),
    "articles: folders, a filter, a split of its own": articles(
        "news",
        {f"news/{kind}/{i}.txt": f"标题{i}\n正文\n" for i, kind in enumerate("甲甲乙")}
        | {"valid/1.txt": "标题\n正文\n"},
        valid="valid",
        holdout=0,
        where={"category": ["甲", "valid"]},
        group="category",
    ),
    "folders": Case(
        "image_classification",
        {"type": "folders", "train": "dogs", "holdout_share": 0.3},
        {f"dogs/{name}/{i}.png": None for name in ("pug", "柴犬") for i in range(2)},
    ),
    "folders: a list": Case(
        "image_classification",
        {"type": "folders", "train": "list.tsv", "valid": "list.tsv"},
        {"list.tsv": "1.png\tpug\n2.png\tpug\n", "1.png": None, "2.png": None},
    ),
    "points": Case(
        "gan", {"type": "points", "train": "a.tsv", "holdout": 1}, {"a.tsv": "0\t1\tup\n-.5\t1e-3\n1\t2\n"}
    ),
    "point_cloud": Case("gan", {"type": "point_cloud", "cloud": "moons", "train": 9}, rows=9),
    "idx": Case(
        "gan",
        {"type": "idx", "train": ["images", "labels.gz"], "holdout": 1},
        {
            "images": bytes([0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, *range(12)]),
            "labels.gz": gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 1, 7])),
        },
        more={"metrics": ["frechet_distance"], "checkpoint": {"monitor": "valid/frechet_distance"}},
    ),
    "fonts": Case(
        "ocr",
        {"type": "fonts", "train": ["fonts", "c.ttf#0"], "valid": ["d.ttf"], "characters": "a.txt"},
        {
            "fonts/a.ttf": font_bytes(),
            "fonts/b.ttf": font_bytes(1),
            "c.ttf": font_bytes(2),
            "d.ttf": font_bytes(3),
            "a.txt": "\ufeffab\r\n",
        },
        rows=6,
    ),
    "font_lines": Case(
        "ocr_lines",
        {"type": "font_lines", "train": ["fonts"], "valid": ["c.ttf"], "text": "a.txt", "valid_text": "b.gz"},
        {
            "fonts/a.ttf": font_bytes(),
            "fonts/b.ttf": font_bytes(1),
            "c.ttf": font_bytes(2),
            "a.txt": "\ufeffabcde\r\n",
            "b.gz": gzip.compress(b"edcb\n"),
        },
        rows=1,
    ),
    "line_images": Case(
        "ocr_lines",
        {"type": "line_images", "train": "lines.tsv", "valid": "more"},
        {
            "lines.tsv": "\ufefflines/1.png\t春\r\nlines/2.png\t秋 风\r\n",
            "lines/1.png": LINE,
            "lines/2.png": LINE,
            "more/lines.tsv": "3.png\t春\n",
            "more/3.png": LINE,
        },
    ),
    "observations": Case(
        "ode",
        {"type": "observations", "train": "a.tsv", "holdout": 1},
        {"a.tsv": "\ufefft\tinfected\tsusceptible\r\n0\t1\t\r\n2\t\t900\r\n\r\n1.5\t2\t800\r\n"},
    ),
    "raw_text": Case(
        "vectors",
        {"type": "raw_text", "train": "a.txt", "holdout": 1, "category": True},
        {"a.txt": "\ufeff体育\t今天比赛。\r\n\r\n体育\t明天比赛。\r\n经济\t后天开市。\r\n"},
        more={"vocabulary": {"min_count": 1}},
    ),
    "builtin": Case("couplet", {"type": "builtin", "name": "couplet"}, rows=0),
}


def written(folder: Path, case: Case) -> Path:
    for name, content in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            write_image(path, np.full((8, 8, 3), len(list(path.parent.iterdir())), np.uint8))
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    more = {**case.more, "data": {**case.more.get("data", {}), "source": case.source}}
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump({"task": case.task, **more}, allow_unicode=True), encoding="utf-8")
    return config


def test_every_source_is_tried() -> None:
    assert {case.source["type"] for case in CASES.values()} == set(builtin_registry().names("source"))


@pytest.mark.parametrize("name", CASES)
def test_what_is_documented_passes_through_the_command_line(nlpx: Nlpx, tmp_path: Path, name: str) -> None:
    case = CASES[name]
    config = written(tmp_path, case)
    done = nlpx("check", config)
    assert (done.code, done.err) == (0, ""), done.err
    done = nlpx("data", "check", config, "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert (found["bad"], found["warnings"]) == ([], [])
    if case.rows:
        assert found["splits"]["train"] == {"rows": case.rows, "bad": 0, "left_out": 0}
        assert found["splits"]["valid"]["rows"] > 0
    done = nlpx("data", "stats", config, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["splits"]["train"]["counts"]["rows"] == found["splits"]["train"]["rows"]
