"""The folders in which what pages show is run: one for each task, with all that a command may name."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nlpx.data.samples import find
from nlpx.tasks.image_classification.sample.dogs import BREEDS, draw
from tests.cli.program import nlpx
from tests.docs.pages import ROOT
from tests.docs.stand_ins import NAMES, ROWS
from tests.tasks.test_digits import TINY as DIGITS
from tests.tasks.test_dogs import TINY as DOGS
from tests.tasks.test_gan import TINY as GAN
from tests.tasks.test_linking import TINY as LINKING
from tests.tasks.test_ocr import TINY as OCR
from tests.tasks.test_ocr import page
from tests.tasks.test_ocr_lines import TINY as OCR_LINES
from tests.tasks.test_ode import TINY as ODE
from tests.tasks.test_poem import TINY as POEM
from tests.tasks.test_scored_pairs import CONFIG as PAIRS
from tests.tasks.test_segmentation_export import WINDOW
from tests.tasks.test_sentiment import TINY as SENTIMENT
from tests.tasks.test_similarity import CONFIG as SIMILARITY
from tests.tasks.test_title import CONFIG as TITLE
from tests.tasks.test_vectors import TINY as VECTORS
from tests.trained import COUPLET, SEGMENTATION, TrainOnce

__all__ = ["nlpx"]

RUNS = {
    "couplet": {"tiny": COUPLET, "other": COUPLET},
    "segmentation": {"tiny": SEGMENTATION, "window": WINDOW},
    "title": {"tiny": TITLE},
    "similarity": {"pairs": PAIRS, "tiny": SIMILARITY},
    "poem": {"tiny": POEM},
    "sentiment": {"tiny": SENTIMENT},
    "dogs": {"round0": DOGS, "tiny": DOGS},
    "digits": {"tiny": DIGITS},
    "gan": {"tiny": GAN},
    "ocr": {"tiny": OCR},
    "ocr_lines": {"tiny": OCR_LINES},
    "ode": {"tiny": ODE},
    "linking": {"tiny": LINKING},
    "vectors": {"tiny": VECTORS},
}
"""The runs of a task: the text of the config by name. All of them are trained for other tests as well."""

IMPORTED = """\
extends: configs/couplet.yaml
data: {source: {type: pairs, train: couplets.csv, encoding: gb18030, columns: {first: 上联, second: 下联}, holdout: 2}}
"""
"""What `nlpx data import` makes of couplets.csv, for the commands that are tried without it."""

Program = Callable[[str], Any]


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Program:
    """Imports a program of the folder docs."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    return import_module


Place = Callable[[str, bool], Path]


@pytest.fixture(scope="session")
def place(trained_once: TrainOnce, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Gives the folder of a task, on demand with its finished runs in `runs`."""
    places: dict[str, Path] = {}
    common = _made(tmp_path_factory.mktemp("common"))

    def of(task: str, with_runs: bool) -> Path:
        if task not in places:
            places[task] = tmp_path_factory.mktemp(task)
            shutil.copytree(common, places[task], dirs_exist_ok=True)
            for copy in ("mine.yaml", "my.yaml", "configs/couplet/mine.yaml"):
                template = ROOT / "nlpx" / "tasks" / NAMES.get(task, task) / "template.yaml"
                shutil.copy(template, places[task] / copy)
            if task == "vectors":
                (places[task] / "texts.txt").write_text("饺子\n\n煮 饺子\n", encoding="utf-8")
        runs = places[task] / "runs" / NAMES.get(task, task)
        if with_runs and not runs.exists():
            for name, config in RUNS[task].items():
                shutil.copytree(trained_once(config).path, runs / name)
        return places[task]

    return of


def _made(folder: Path) -> Path:
    """What all tasks have."""
    shutil.copytree(ROOT / "configs", folder / "configs")
    shutil.copytree(ROOT / "docs" / "plugins", folder / "docs" / "plugins")
    for name, copy in (("squeeze.py", "plugin.py"), ("squeeze_layer.py", "squeeze_layer.py")):
        shutil.copy(ROOT / "docs" / "plugins" / name, folder / copy)
    _write_texts(folder)
    _write_corpus(folder / "data")
    for pictures in ("folder/more", "photos"):
        (folder / pictures).mkdir(parents=True)
        for label in list(BREEDS)[:2]:
            Image.fromarray(draw(label, "train 1")).save(folder / pictures / f"{label}.png")
    Image.fromarray(draw(next(iter(BREEDS)), "test 1")).save(folder / "photo.jpg")
    margins = [(200, 200), (200, 200), (0, 0)]
    Image.fromarray(np.pad(page(["大中", "田"]), margins, constant_values=255)).save(folder / "page.png")
    return folder


def _write_texts(folder: Path) -> None:
    (folder / ROWS).write_text("春风吹绿草\t秋雨打黄花\n今天天气好\t昨夜雨声多\n", encoding="utf-8")
    (folder / "texts.txt").write_text("怎样处理旧电脑\n\n手机丢了怎么办\n", encoding="utf-8")
    (folder / "texts.csv").write_text("no,text\n甲,怎样处理旧电脑\n", encoding="utf-8")
    (folder / "texts.jsonl").write_text('{"no": 1, "text": "怎样处理旧电脑"}\n', encoding="utf-8")
    couplets = "".join(f"{n},第{n}阵春风吹绿草,第{n}场秋雨打黄花\n" for n in range(20))
    (folder / "couplets.csv").write_bytes(f"编号,上联,下联\n{couplets}".encode("gb18030"))
    (folder / "couplets.yaml").write_text(IMPORTED, encoding="utf-8")
    (folder / "news.gz").write_bytes(gzip.compress("春风吹绿草。\n".encode()))
    pairs = "".join(f"第{n}句怎么说\t怎么说第{n}句\t1\n第{n}句怎么说\t天气好不好{n}\t0\n" for n in range(20))
    table = "".join(f"{n}\t{line}\n" for n, line in enumerate(pairs.splitlines()))
    (folder / "table.tsv").write_text(f"id\ttext_a\ttext_b\tlabel\n{table}", encoding="utf-8")
    for name in ("pairs.tsv", "lcqmc.tsv", "bq.tsv"):
        (folder / name).write_text(pairs, encoding="utf-8")


def _write_corpus(data: Path) -> None:
    """Couplets as `configs/couplet/full.yaml` reads them, and the files that data/README.md makes such ones of."""
    rows = [row.parts for row in find("couplet").rows("train")]
    for split in ("train", "test"):
        (data / "couplet" / split).mkdir(parents=True)
        for name, texts in zip(("in", "out"), zip(*rows, strict=True), strict=True):
            lines = "".join(" ".join(text) + "\n" for text in texts)
            (data / "couplet" / split / f"{name}.txt").write_text(lines, encoding="utf-8")
    for name in ("train", "valid"):
        with gzip.open(data / "couplet" / f"{name}.tsv.gz", "wt", encoding="utf-8") as file:
            file.writelines("\t".join(row) + "\n" for row in rows)
    (data / "OLD").write_bytes("春风\t秋月\n".encode("gb18030"))
    (data / "IN.conllu").write_text("# text\n1\t春风\t_\n2\t来\t_\n\n1\t好\t_\n\n", encoding="utf-8")
