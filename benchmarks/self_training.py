"""Does self-training help? Some images have labels, the others get those that the run before is sure of.

    python benchmarks/self_training.py --data FOLDER [--config configs/dogs/frozen.yaml] [--share 0.25]
                                       [--rounds 2] [--seeds 3] [--least 0.9] [--set KEY=VALUE]...

What kexue.fm archive 4611 did with the images of a contest: train, `nlpx data label` the images without
labels, train again with those of which the run was sure. The held-out tenth of every class is never trained
on; which images have labels, another seed chooses otherwise. Prints, in per cent and after every round, the
accuracy of the main head on valid (at its best epoch, and after the last), of the answers on the images
without labels, the share of these that the next round learns from, and how many of their classes are right.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from program import ROOT, corpus, need, nlpx, run

from nlpx.components.sources.folders import Folders
from nlpx.data.keys import key
from nlpx.data.records import LabelledImage

COLUMNS = ("valid, best epoch", "valid, last epoch", "unlabelled", "kept", "of these right")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--config", type=Path, default=ROOT / "configs" / "dogs" / "frozen.yaml")
    parser.add_argument("--share", type=float, default=0.25, help="of the training images, with labels")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--least", type=float, default=0.9)
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    arguments = parser.parse_args()
    need("pillow", "pip install -e '.[images]' in the checkout of nlpx", "PIL")
    data = corpus(arguments.data, "dogs/train", "weights/squeezenet1.1_imagenet_notop_tf.h5")
    source = Folders(train="dogs/train", holdout_share=0.1).open(data)
    rows = {split: images(source.rows(split)) for split in ("train", "valid")}
    found: list[list[Sequence[float]]] = []
    with tempfile.TemporaryDirectory() as name:
        for seed in range(1, arguments.seeds + 1):
            folder = Path(name) / str(seed)
            labels = part(folder, rows, arguments.share, seed)
            overrides = [f"seed={seed}", f"data.root={data}", *arguments.overrides]
            found.append(rounds(arguments, folder, labels, overrides))
    print(f"{arguments.config.name}, {arguments.seeds} seeds, labels of {arguments.share:.0%}", end=" ")
    print(f"of {len(rows['train'])} images, --least {arguments.least} {' '.join(arguments.overrides)}")
    print("| round | " + " | ".join(f"{column}, mean ± sd" for column in COLUMNS) + " |")
    print("|---" * (1 + len(COLUMNS)) + "|")
    for number, of_seeds in enumerate(zip(*found, strict=True)):
        print(f"| {number} | " + " | ".join(map(spread, zip(*of_seeds, strict=True))) + " |")
    for column, title in enumerate(COLUMNS[:3]):
        for number in range(1, arguments.rounds + 1):
            gains = [of_seed[number][column] - of_seed[0][column] for of_seed in found]
            print(f"{title}: round {number} less round 0: {spread(gains, len(gains) ** 0.5)} (s.e.)")


def images(rows: Iterable[object]) -> list[LabelledImage]:
    return [row for row in rows if isinstance(row, LabelledImage)]


def part(
    folder: Path, rows: Mapping[str, Sequence[LabelledImage]], share: float, seed: int
) -> dict[str, str]:
    """Lists of images with labels, and a folder of links to the others; the labels of these by name."""
    (folder / "unlabelled").mkdir(parents=True)
    classes: dict[str, list[LabelledImage]] = {}
    for row in sorted(rows["train"], key=lambda row: key(f"{seed} {row.name}")):
        classes.setdefault(row.label, []).append(row)
    train: list[LabelledImage] = []
    labels: dict[str, str] = {}
    for members in classes.values():
        count = max(2, round(share * len(members)))
        train += members[:count]
        for row in members[count:]:
            link = folder / "unlabelled" / f"{len(labels)}.jpg"
            link.symlink_to(row.where)
            labels[link.name] = row.label
    for name, chosen in (("train", train), ("valid", rows["valid"])):
        lines = [f"{row.where}\t{row.label}\n" for row in chosen]
        (folder / f"{name}.tsv").write_text("".join(lines), encoding="utf-8")
    return labels


def rounds(
    arguments: argparse.Namespace, folder: Path, labels: Mapping[str, str], overrides: Sequence[str]
) -> list[Sequence[float]]:
    """What COLUMNS says, after every round."""
    lists = {"train": folder / "train.tsv", "valid": folder / "valid.tsv"}
    found: list[Sequence[float]] = []
    for number in range(arguments.rounds + 1):
        source = "".join(f", {split}: {path}" for split, path in lists.items())
        sets = [*overrides, f"data.source={{type: folders{source}}}"]
        nlpx("train", arguments.config, "--output", folder, "--name", f"round{number}", sets=sets)
        run = folder / "dogs" / f"round{number}"
        records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        valid = [record["valid/main_accuracy"] for record in records if "valid/main_accuracy" in record]
        everything, sure = folder / f"all{number}.tsv", folder / f"round{number}.tsv"
        for output, least in ((everything, 0.0), (sure, arguments.least)):
            label = ("data", "label", run, "--input", folder / "unlabelled")
            nlpx(*label, "--output", output, "--least", least)
        right = [(labels[Path(path).name] == name) for path, name in guesses(everything)]
        kept = [(labels[Path(path).name] == name) for path, name in guesses(sure)]
        shares = (statistics.mean(right), len(kept) / len(labels), statistics.mean(kept))
        found.append((max(valid), valid[-1], *shares))
        print(f"round {number}: " + ", ".join(f"{100 * value:.1f}" for value in found[-1]), flush=True)
        lists["pseudo"] = sure
    return found


def guesses(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def spread(values: Sequence[float], divisor: float = 1.0) -> str:
    """Mean and standard deviation, the latter over a divisor, in per cent."""
    deviation = statistics.stdev(values) / divisor if len(values) > 1 else 0.0
    return f"{100 * statistics.mean(values):.1f} ± {100 * deviation:.1f}"


if __name__ == "__main__":
    run(main)
