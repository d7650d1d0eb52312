"""What every trick does to the metric, to the time of a step and to memory, on a real task: docs/tricks.md.

    python benchmarks/tricks.py                             write the page, in English and in Chinese
    python benchmarks/tricks.py --check                     exit with 1 if the page is out of date
    python benchmarks/tricks.py --train --data FOLDER [--only TRICK...] [--seeds 3] [--jobs 1]
    python benchmarks/tricks.py --cost --data FOLDER [--only TRICK...] [--rounds 10]

tricks.yaml has the configs, the data, the metrics, and the options of every trick. `--train` trains what is
missing with several seeds, as claims.py does. `--cost` times steps of the same batch with a trick and without
one, interleaved, each in a process of its own on two threads, and takes the peak memory of these processes.
Results are stored in tricks.jsonl.
"""

from __future__ import annotations

import argparse
import resource
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from claims import FOLDER, Claim, Store, difference, load, train
from languages import ENGLISH, Language, publish_both
from program import ROOT, corpus, run
from turns import CHILD, children, medians, serve, timed

NONE = "none"
COST = "cost"
PAGE = ROOT / "docs" / "tricks.md"
INTRODUCTION = """\
# Tricks

What every trick does on a real task. The difference is that between runs with the same seed, with its
95 % interval (Student's t); one that contains 0 is within the noise of the seeds. Time and memory are
relative to a step without tricks, measured in turns; a few percent are noise.

`python benchmarks/tricks.py` writes this page from `benchmarks/tricks.jsonl`. Ready configs with one trick
each: `configs/tricks/`. [中文](tricks.zh-CN.md)
"""
CHINESE_INTRODUCTION = """\
# 技巧

每个技巧在真实任务上的效果。“差”是相同种子的两次训练之差，附 95% 置信区间（Student t）；
区间含 0 表示在种子的波动范围之内。时间和内存是与不用技巧的一步之比，两者交替测量；
百分之几的差别是噪声。

`python benchmarks/tricks.py` 由 `benchmarks/tricks.jsonl` 生成本页。
`configs/tricks/` 里有每个技巧的现成配置。[English](tricks.md)
"""


def page(claims: Iterable[Claim], store: Store, language: Language) -> str:
    """The content of docs/tricks.md, or of its Chinese page."""
    head = INTRODUCTION if language.english else CHINESE_INTRODUCTION
    return "\n".join([head, *(line for claim in claims for line in table(claim, store, language))])


def table(claim: Claim, store: Store, language: Language = ENGLISH) -> Iterator[str]:
    """A row for every trick that was measured."""
    yield f"## {language.of(claim.text)}"
    yield ""
    common = " ".join(f"`{option}`" for option in claim.common)
    told = language.of("{config} with {options}; {metric} of the test split. ")
    told = told.format(config=f"`{claim.config}`", options=common, metric=claim.metric)
    yield f"{told}{language.of(claim.note)}".rstrip()
    yield ""
    columns = [*map(language.of, ("trick", "seeds")), claim.metric]
    columns += map(language.of, ("difference", "time of a step", "memory"))
    yield f"| {' | '.join(columns)} |"
    yield "|---|---|---|---|---|---|"
    base = store.values(claim, NONE)
    for variant, options in claim.variants.items():
        values, cost = store.values(claim, variant), store.found.get((COST, variant, 0), {})
        if not values and not cost:
            continue
        change, half, count = difference(values, base)
        cells = [
            language.of(variant) if variant == NONE else f"`{options[0].removeprefix('tricks=')}`",
            str(len(values) or ""),
            f"{np.mean(list(values.values())):.4f}" if values else "",
            f"{change:+.4f} ± {half:.4f}" if variant != NONE and count > 1 else "",
            f"{cost['time']:.2f}" if cost else "",
            f"{cost['memory']:.2f}" if cost else "",
        ]
        yield f"| {' | '.join(cells)} |"
    yield ""


def step(claim: Claim, variant: str, data: Path) -> dict[str, Callable[[], list[float]]]:
    """What a child answers: the seconds of steps, and its peak memory."""
    from nlpx.engine.state import Progress
    from nlpx.workflow.trial import open_trial

    sets = [*claim.common, *claim.variants[variant], f"data.root={data}"]
    stages = open_trial(ROOT / claim.config, sets, [], lambda message: None).stages()
    stages.enter(Progress())
    update = stages.batches(0, 0, 0)
    return {
        "step": timed(lambda: stages.step(update, 0)),
        "memory": lambda: [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss],
    }


def measure_cost(claim: Claim, variant: str, store: Store, data: Path, rounds: int) -> None:
    """Store time and memory of a step with a trick, relative to one without."""
    with children([NONE, variant], ["--data", str(data), "--of", claim.name]) as programs:
        before, after = medians(programs, "step", rounds)
        less, more = (program.ask("memory")[0] for program in programs)
    store.add(COST, variant, 0, {"time": after / before, "memory": more / less})
    print(f"{variant}: time {after / before:.2f}, memory {more / less:.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    claims = load(FOLDER / "tricks.yaml")
    tricks = [variant for claim in claims.values() for variant in claim.variants if variant != NONE]
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--train", action="store_true")
    parser.add_argument("--cost", action="store_true")
    parser.add_argument("--only", nargs="+", choices=tricks, default=tricks, metavar="TRICK")
    parser.add_argument("--data", type=Path, default=Path(), help="folder of the corpora")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=10, help="turns of each process")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--threads", type=int, default=1, help="threads of a run")
    parser.add_argument("--of", choices=claims, help=argparse.SUPPRESS)
    parser.add_argument(CHILD, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        serve(step(claims[arguments.of], arguments.child, arguments.data))
        return
    store = Store(FOLDER / "tricks.jsonl")
    for claim in claims.values():
        chosen = [variant for variant in arguments.only if variant in claim.variants]
        if chosen and arguments.train:
            train(claim, store, arguments, [NONE, *chosen])
        for variant in chosen if arguments.cost else ():
            if (COST, variant, 0) not in store.found:
                data = corpus(arguments.data, *claim.data)
                measure_cost(claim, variant, store, data, arguments.rounds)
    publish_both(PAGE, lambda language: page(claims.values(), store, language), arguments.check)


if __name__ == "__main__":
    run(main)
