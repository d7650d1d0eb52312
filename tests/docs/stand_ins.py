"""What takes the place of names that a reader has to fill in, and the folder in which they exist."""

from __future__ import annotations

import re

from tests.docs.pages import Block, Span

TASKS = (
    "couplet",
    "segmentation",
    "title",
    "similarity",
    "poem",
    "sentiment",
    "dogs",
    "gan",
    "ocr",
    "ocr_lines",
    "ode",
    "digits",
    "linking",
    "vectors",
)
SECTIONS = {
    "Couplets": "couplet",
    "对联": "couplet",
    "Word segmentation": "segmentation",
    "Words of the last days": "segmentation",
    "分词": "segmentation",
    "A segmenter for NumPy": "segmentation",
    "Headlines": "title",
    "Sentences": "similarity",
    "同义句": "similarity",
    "Scored pairs": "similarity",
    "Poems": "poem",
    "Verse": "poem",
    "Reviews": "sentiment",
    "Dogs": "dogs",
    "Digits": "digits",
    "Points": "gan",
    "Energies": "gan",
    "Characters": "ocr",
    "Observations": "ode",
    "标题": "title",
    "相似句": "similarity",
    "古诗": "poem",
    "诗（": "poem",
    "评论": "sentiment",
    "犬种": "dogs",
    "手写数字": "digits",
    "平面点": "gan",
    "没见过的字体": "ocr",
    "观测": "ode",
    "只依赖 NumPy": "segmentation",
}
"""How the sections of pages about several tasks begin -> the task."""
PAGES = {"nlpx data label --help": "dogs"}
"""Help texts of commands for one task."""
EXPORTED = "runs/segmentation/window"
"""A run that can be exported."""
NAMES = {"dogs": "image_classification"}
"""Configs that are called otherwise than their task."""

WORDS = {
    "RUN": "runs/{runs}/tiny",
    "实验": "runs/{runs}/tiny",
    "RUN_A": "runs/{runs}/tiny",
    "RUN_B": "runs/{runs}/other",
    "实验甲": "runs/{runs}/tiny",
    "实验乙": "runs/{runs}/other",
    "CONFIG": "configs/{task}.yaml",
    "CONFIG...": "configs/{task}.yaml configs/poem.yaml",
    "配置": "configs/{task}.yaml",
    "配置...": "configs/{task}.yaml configs/poem.yaml",
    "...": "configs/{task}.yaml",
    "THIS_FILE": "mine.yaml",
    "FILE": "mine.yaml",
    "文件": "mine.yaml",
    "TEXT": "春风",
    "SWEEP": "configs/sweeps/couplet_lr.yaml",
    "TASK": "{runs}",
    "任务": "{runs}",
    "KIND": "encoder",
    "类别": "encoder",
    "KIND/NAME": "encoder/gated_conv",
    "类别/名称": "encoder/gated_conv",
    "<kind>/name": "encoder/gated_conv",
    "<类别>/name": "encoder/gated_conv",
    "PAIRS...": "pairs.tsv",
    "句对文件...": "pairs.tsv",
    "FOLDER": "folder",
    "目录": "folder",
    "N": "2",
}
"""Whole words of a command."""
PARTS = {
    "configs/TASK": "configs/{task}",
    "configs/任务": "configs/{task}",
    "configs/poem/NAME": "configs/poem/full",
    "configs/dogs/NAME": "configs/dogs/full",
    "configs/digits/NAME": "configs/digits/capsule",
    "task/NAME": "task/{runs}",
    "metric/NAME": "metric/nll",
    "FOLDER": "folder",
    "目录": "folder",
    "FILE.svg": "plot.svg",
    "文件.svg": "plot.svg",
    "FILE.html": "plot.html",
    "$DATA": "data",
    "k=v": "seed=7",
}
"""What stands in a word, wherever it does."""
VALUES = {
    "--input": "texts.txt",
    "--corpus": "texts.txt",
    "--output": "written.txt",
    "--include": "plugin.py",
}
"""FILE as the value of an option."""
FOLDERS = {"--input": "photos", "--output": "made"}
"""FOLDER as the value of an option."""
ROWS = "rows.tsv"
"""FILE in a value for --set."""
NUMBER = "1000"
"""N in a value for --set."""
OTHER_FILES = {"--columns": {"pairs.tsv": "table.tsv"}}
"""An option that is for files of another form -> the files that take the place of others beside it."""
ONE_LENGTH = ("--set", "data.max_length=16", "--set", "train.buckets=[16]")
ALSO = {
    "nlpx data label": ("--least", "0"),
    "nlpx tune-lr": ("--steps", "10", *ONE_LENGTH),
    "nlpx tune-batch": ("--largest", "4", *ONE_LENGTH),
}
"""What commands are given besides: a small run is sure of nothing, few updates and sizes find a best one, and each
length of a batch is compiled."""


def task_of(place: Block | Span) -> str:
    """What a place of a page is about; couplets, where it says nothing."""
    for beginning, task in SECTIONS.items():
        if place.section.startswith(beginning):
            return task
    if place.page in PAGES:
        return PAGES[place.page]
    named = re.search(rf"(?:docs|configs|templates)/({'|'.join(TASKS)})\b", place.page)
    return named[1] if named else "couplet"


def filled(text: str, task: str, path: str) -> str:
    """A command with stand-ins for all that its reader would fill in.

    Args:
        text: the command as shown.
        task: whose runs and configs to take.
        path: the words that call the command.
    """
    words = text.split(" ")
    for index, word in enumerate(words):
        before = words[index - 1] if index else ""
        if word in ("FILE", "文件") and before in VALUES:
            words[index] = VALUES[before]
        elif word in ("FOLDER", "目录") and before in FOLDERS:
            words[index] = FOLDERS[before]
        elif word in ("FILE", "文件") and path == "nlpx new":
            words[index] = "new.yaml"
        elif word in ("RUN", "实验") and path == "nlpx export" and "--to bundle" not in text:
            words[index] = EXPORTED
        elif word in WORDS and before not in ("--text", "--name"):
            words[index] = WORDS[word].format(task=task, runs=NAMES.get(task, task))
        else:
            words[index] = _inner(word, task)
    return " ".join(words)


def _inner(word: str, task: str) -> str:
    for part, stand_in in PARTS.items():
        word = word.replace(part, stand_in.format(task=task, runs=NAMES.get(task, task)))
    word = re.sub(r"(?<==)N\b", NUMBER, word)
    return re.sub(r"\bFILE\b|文件|(?<=[a-z]=)\.\.\.$", ROWS, word)
