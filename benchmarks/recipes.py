"""Search for better recipes of three tasks, and write docs/recipes.md from what was tried.

    python benchmarks/recipes.py                     write the page, in English and in Chinese
    python benchmarks/recipes.py --check             exit with 1 if the page is out of date
    python benchmarks/recipes.py --train RECIPE... --data FOLDER [--only VARIANT...] [--seeds 1]
    python benchmarks/recipes.py --news FILE --data FOLDER      write the raw news that some variants read

recipes.yaml has the variants of a config that are tried. All are trained on one part of the training file and
judged by another part (splits.py) that differs in kind: other days, other topics, other upper lines. The test
file is not opened: what it says of the recipe that won stands in RESULTS.md. recipes.jsonl has one line for
each run.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from claims import FOLDER, Claim, Store, difference, load, train
from languages import ENGLISH, Language, publish_both
from program import ROOT, run
from splits import SPLITS, write, write_news

RECIPES, PAGE = FOLDER / "recipes.yaml", ROOT / "docs" / "recipes.md"
INTRODUCTION = """\
# Recipes that were tried

Each table has variants of one config. They were trained on a part of the training file and judged by another
part that differs in kind (`benchmarks/splits.py`); no row of a test file took part in a choice. The
difference is to the first row, with the same seeds, and has a 95 % interval (Student's t) where there are at
least two of them. A difference of one seed says little.

`python benchmarks/recipes.py` writes this page from `benchmarks/recipes.jsonl`, which has one line per run.
$DATA is the folder of the corpora (`data/README.md`). [中文](recipes.zh-CN.md)
"""
CHINESE_INTRODUCTION = """\
# 试过的配方

每张表是一个配置的若干变体。变体在训练文件的一部分上训练，
用性质不同的另一部分评判（`benchmarks/splits.py`）；选择过程没有用到测试文件的任何一行。
“差”是与第一行、相同种子之差，至少有两个种子时附 95% 置信区间（Student t）。
只有一个种子的差别说明不了多少。

`python benchmarks/recipes.py` 由 `benchmarks/recipes.jsonl`（每次训练一行）生成本页。
$DATA 是语料所在的目录（[语料](../data/README.zh-CN.md)）。[English](recipes.md)
"""


def page(store: Store, language: Language) -> str:
    """The content of docs/recipes.md, or of its Chinese page."""
    lines = [INTRODUCTION if language.english else CHINESE_INTRODUCTION]
    for recipe in load(RECIPES).values():
        if any(store.values(recipe, variant) for variant in recipe.variants):
            lines += section(recipe, store, language)
    return "\n".join(lines).rstrip() + "\n"


def section(recipe: Claim, store: Store, language: Language = ENGLISH) -> Iterator[str]:
    """The lines of the page about the variants of one config."""
    command = f"python benchmarks/recipes.py --train {recipe.name} --data $DATA"
    common = "".join(f" `{option}`" for option in recipe.common)
    yield f"## {language.of(recipe.text)}"
    yield ""
    told = language.of(f"{{command}}: {{options}}, {{metric}}, {recipe.better} is better.")
    code = f"`{recipe.config}`{common}"
    yield told.format(command=f"`{command}`", options=code, metric=f"`{recipe.metric}`")
    yield ""
    yield language.row("variant", "options", "seeds", "mean", "difference")
    yield "|---|---|---|---|---|"
    first = next(iter(recipe.variants))
    base = store.values(recipe, first)
    for variant, options in recipe.variants.items():
        if values := store.values(recipe, variant):
            change, half, count = difference(values, base)
            interval = f" ± {half:.4f}" if count > 1 else ""
            shown = f"{change:+.4f}{interval}" if variant != first and count else ""
            written = "<br>".join(f"`{option}`" for option in options)
            mean = np.mean(list(values.values()))
            yield f"| {language.of(variant)} | {written} | {len(values)} | {mean:.4f} | {shown} |"
    yield ""
    if recipe.note:
        yield language.of(recipe.note)
        yield ""


def measure(recipe: Claim, store: Store, arguments: argparse.Namespace) -> None:
    """Make the runs of a recipe that are not stored yet."""
    with tempfile.TemporaryDirectory() as folder:
        fit, held = write(recipe.name, arguments.data, Path(folder))
        source = [f"data.source.train={fit}", f"data.source.test={held}"]
        chosen = [variant for variant in arguments.only or recipe.variants if variant in recipe.variants]
        news = Path(folder) / "news.gz"
        if any("{news}" in option for variant in chosen for option in recipe.variants[variant]):
            write_news(arguments.data, news)
        variants = {
            variant: [option.replace("{news}", str(news)) for option in options]
            for variant, options in recipe.variants.items()
        }
        made = replace(recipe, common=[*recipe.common, *source], variants=variants)
        train(made, store, arguments, chosen)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--train", nargs="+", choices=list(SPLITS), default=[], metavar="RECIPE")
    parser.add_argument("--only", nargs="+", default=[], metavar="VARIANT")
    parser.add_argument("--news", type=Path, help="file to write raw news to")
    parser.add_argument("--data", type=Path, default=Path(), help="folder of the corpora")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--threads", type=int, default=1, help="threads of a run")
    arguments = parser.parse_args()
    if arguments.news:
        write_news(arguments.data, arguments.news)
        return
    store = Store(FOLDER / "recipes.jsonl")
    for name in arguments.train:
        measure(load(RECIPES)[name], store, arguments)
    publish_both(PAGE, lambda language: page(store, language), arguments.check)


if __name__ == "__main__":
    run(main)
