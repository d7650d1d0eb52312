"""Measure what articles claim, and write docs/claims.md from the stored results.

    python benchmarks/claims.py                         write the page, in English and in Chinese
    python benchmarks/claims.py --check                 exit with 1 if the page is out of date
    python benchmarks/claims.py --train CLAIM... --data FOLDER [--seeds 5] [--jobs 1] [--threads 1]
                                                        train what is missing, store it, write the page

claims.yaml says what is compared: variants of one config, which differ in a few options. Every run is
`nlpx train` with another seed; its number is that of the test split at the checkpoint that is best on the
validation split. claims.jsonl has one line for each run. Seeds are paired: the interval is that of the mean
difference between two variants with the same seed (95 %, Student's t). A claim is confirmed or contradicted
if the interval does not contain 0.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml
from languages import ENGLISH, Language, publish_both
from program import ROOT, corpus, nlpx, run
from scipy.stats import t

FOLDER = ROOT / "benchmarks"
CLAIMS, RESULTS, PAGE = FOLDER / "claims.yaml", FOLDER / "claims.jsonl", ROOT / "docs" / "claims.md"
FEWEST = 5
"""Seeds that a verdict needs."""

Verdict = Literal["confirmed", "contradicted", "no difference seen", "too few seeds"]


@dataclass(frozen=True)
class Claim:
    """A claim of an article.

    Attributes:
        name: on the command line and in the results.
        source: the article.
        text: what it says.
        config: the config that is varied.
        data: files that it needs, below the folder of corpora.
        metric: of the test split.
        better: whether the claim says that a variant has a higher or a lower metric.
        variants: overrides by name; each but the first is claimed to be better than the first one, or than
            the previous one.
        compare: which of the two.
        note: printed below the table.
    """

    name: str
    source: str
    text: str
    config: str
    metric: str
    variants: Mapping[str, Sequence[str]]
    better: Literal["higher", "lower"] = "higher"
    compare: Literal["first", "previous"] = "first"
    data: Sequence[str] = ()
    common: Sequence[str] = ()
    note: str = ""

    def base(self, variant: str) -> str:
        """The variant that one is compared with."""
        names = list(self.variants)
        return names[0 if self.compare == "first" else names.index(variant) - 1]


@dataclass
class Store:
    """The stored results: the metrics of each run by claim, variant and seed."""

    path: Path = RESULTS
    found: dict[tuple[str, str, int], dict[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        for record in map(json.loads, lines):
            self.found[record["claim"], record["variant"], record["seed"]] = record["metrics"]

    def add(self, claim: str, variant: str, seed: int, metrics: Mapping[str, float]) -> None:
        """Store a run in memory and in the file."""
        self.found[claim, variant, seed] = dict(metrics)
        record = {"claim": claim, "variant": variant, "seed": seed, "metrics": dict(metrics)}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")

    def values(self, claim: Claim, variant: str) -> dict[int, float]:
        """The metric of a variant by seed."""
        return {
            seed: metrics[claim.metric]
            for (name, which, seed), metrics in sorted(self.found.items())
            if (name, which) == (claim.name, variant)
        }


def claims() -> dict[str, Claim]:
    """The claims of claims.yaml by name."""
    return load(CLAIMS)


def load(path: Path) -> dict[str, Claim]:
    """The claims of a file by name."""
    listed: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {entry["name"]: Claim(**entry) for entry in listed}


def difference(values: Mapping[int, float], base: Mapping[int, float]) -> tuple[float, float, int]:
    """Mean difference over common seeds, half of its 95 % interval, number of seeds."""
    seeds = sorted(values.keys() & base.keys())
    differences = np.array([values[seed] - base[seed] for seed in seeds])
    count = len(seeds)
    if count < 2:
        return (float(differences.mean()) if count else float("nan")), float("inf"), count
    half = t.ppf(0.975, count - 1) * differences.std(ddof=1) / count**0.5
    return float(differences.mean()), float(half), count


def verdict(mean: float, half: float, count: int, better: Literal["higher", "lower"]) -> Verdict:
    """What an interval says about a claim."""
    if count < FEWEST:
        return "too few seeds"
    if abs(mean) <= half:
        return "no difference seen"
    return "confirmed" if (mean > 0) == (better == "higher") else "contradicted"


def section(claim: Claim, store: Store, language: Language = ENGLISH) -> Iterator[str]:
    """The lines of the page about a claim."""
    command = f"python benchmarks/claims.py --train {claim.name} --data $DATA"
    yield f"## {language.of(claim.text)}"
    yield ""
    told = language.of("{source}. {command}: {config}, {metric} of the test split.")
    code = {"command": f"`{command}`", "config": f"`{claim.config}`", "metric": f"`{claim.metric}`"}
    yield told.format(source=language.of(claim.source), **code)
    yield ""
    yield language.row("variant", "seeds", "mean", "difference", "to", "verdict")
    yield "|---|---|---|---|---|---|"
    for number, variant in enumerate(claim.variants):
        values = store.values(claim, variant)
        mean = f"{np.mean(list(values.values())):.4f}" if values else ""
        cells = [language.of(variant), str(len(values)), mean, "", "", ""]
        if number:
            base = claim.base(variant)
            change, half, count = difference(values, store.values(claim, base))
            shown = f"{change:+.4f} ± {half:.4f}" if count > 1 else ""
            judged = verdict(change, half, count, claim.better)
            cells[3:] = [shown, language.of(base), language.of(judged)]
        yield f"| {' | '.join(cells)} |"
    yield ""
    if claim.note:
        yield language.of(claim.note)
        yield ""


INTRODUCTION = """\
# Claims

What articles report about losses, layers and tricks, measured with nlpx. Every row is the mean over seeds;
the difference is that between runs with the same seed, with its 95 % interval (Student's t). A claim is
confirmed or contradicted if the interval does not contain 0. A verdict is about these data and this size of a
model only.

`python benchmarks/claims.py` writes this page from `benchmarks/claims.jsonl`, which has one line per run;
`benchmarks/claims.yaml` says what is compared. $DATA is the folder of the corpora (`data/README.md`).
[中文](claims.zh-CN.md)
"""
CHINESE_INTRODUCTION = """\
# 文章说法的检验

文章对损失、网络层和技巧的说法，用 nlpx 实测。每行是多个种子的平均值；
“差”是相同种子的两次训练之差，附 95% 置信区间（Student t）。
区间不含 0 时，说法得到证实或结果相反。结论只适用于这些数据和这种大小的模型。

`python benchmarks/claims.py` 由 `benchmarks/claims.jsonl`（每次训练一行）生成本页；
比较什么写在 `benchmarks/claims.yaml` 里。$DATA 是语料所在的目录（[语料](../data/README.zh-CN.md)）。
[English](claims.md)
"""


def page(store: Store, language: Language) -> str:
    """The content of docs/claims.md, or of its Chinese page."""
    lines = [INTRODUCTION if language.english else CHINESE_INTRODUCTION]
    measured: list[Claim] = []
    others: list[Claim] = []
    for claim in claims().values():
        (measured if any(store.values(claim, v) for v in claim.variants) else others).append(claim)
    for claim in measured:
        lines += section(claim, store, language)
    if others:
        lines += [f"## {language.of('Not measured yet')}", ""]
        told = language.of("{text} ({source}): ")
        lines += [
            f"* {told.format(text=language.of(claim.text), source=language.of(claim.source))}`{claim.name}`"
            for claim in others
        ]
    return "\n".join(lines).rstrip() + "\n"


def train(claim: Claim, store: Store, arguments: argparse.Namespace, only: Sequence[str] = ()) -> None:
    """Make the runs of a claim, or of some of its variants, that are not stored yet."""
    sets = [*claim.common, "samples=[]"]
    if claim.data:
        sets.append(f"data.root={corpus(arguments.data, *claim.data)}")
    cases = [
        (variant, seed)
        for seed in range(1, arguments.seeds + 1)
        for variant in only or claim.variants
        if (claim.name, variant, seed) not in store.found
    ]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(arguments.jobs) as pool:

        def measured(case: tuple[str, int]) -> None:
            variant, seed = case
            name = f"{list(claim.variants).index(variant)}-{seed}"
            options = [*sets, *claim.variants[variant], f"seed={seed}"]
            words = ("train", ROOT / claim.config, "--output", folder, "--name", name)
            nlpx(*words, sets=options, threads=arguments.threads)
            (file,) = Path(folder).glob(f"*/{name}/eval/test.json")
            metrics = json.loads(file.read_text(encoding="utf-8"))["metrics"]
            store.add(claim.name, variant, seed, metrics)
            print(
                f"{claim.name}: {variant}, seed {seed}: {claim.metric} {metrics[claim.metric]:.4f}",
                flush=True,
            )

        list(pool.map(measured, cases))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--train", nargs="+", choices=list(claims()), default=[], metavar="CLAIM")
    parser.add_argument("--data", type=Path, default=Path(), help="folder of the corpora")
    parser.add_argument("--seeds", type=int, default=FEWEST)
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--threads", type=int, default=1, help="threads of a run")
    arguments = parser.parse_args()
    store = Store()
    for name in arguments.train:
        train(claims()[name], store, arguments)
    publish_both(PAGE, lambda language: page(store, language), arguments.check)


if __name__ == "__main__":
    run(main)
