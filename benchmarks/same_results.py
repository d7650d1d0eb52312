"""What every sample config computes, kept and compared: losses, metrics, predictions, weights.

    python benchmarks/same_results.py record BEFORE          # with the code as it was
    python benchmarks/same_results.py record AFTER           # with the code as it is
    python benchmarks/same_results.py compare BEFORE AFTER   # exit 1 unless all bits are equal
    python benchmarks/same_results.py compare BEFORE AFTER --tolerance 1e-5

A record is the runs themselves, a few updates each. Both are made on one machine: another processor rounds in
another way.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from program import nlpx

SHORT = ("train.steps=6", "train.evaluate_every=3", "train.log_every=1", "data.limit=200", "observers=[]")
"""Two evaluations, and a checkpoint that is not the first."""
EARLY_PEAK = "optimizer.schedule.warmup_steps=2"


@dataclass(frozen=True)
class Case:
    """A config, and what is changed in it beside its length."""

    config: str
    sets: tuple[str, ...] = ()
    short: tuple[str, ...] = SHORT


CASES: Mapping[str, Case] = {
    "couplet": Case("couplet"),
    "couplet_tricks": Case(
        "couplet",
        (
            "train.accumulation=2",
            "train.batch_size=16",
            "tricks=[{type: clip_gradients, norm: 0.05}, {type: ema, momentum: 0.9}]",
            "optimizer={type: adamw, learning_rate: 1e-3, schedule: {type: cosine, warmup_steps: 2}}",
            "loss.label_smoothing=0.1",
            "decode=argmax",
        ),
    ),
    "couplet_half": Case("couplet", ("train.precision=mixed_bfloat16", "train.xla=true")),
    "segmentation": Case("segmentation"),
    "segmentation_softmax": Case(
        "segmentation",
        (
            "model.head.type=softmax",
            "loss=cross_entropy",
            "model.encoder=[{type: bidirectional, cell: lstm, units: 16}, {type: self_attention, heads: 2}]",
        ),
    ),
    "title": Case("title", (EARLY_PEAK,)),
    "title_words": Case(
        "title/words", (EARLY_PEAK, "model.coverage=0.5", "decode={type: sample, temperature: 0.8}")
    ),
    "similarity": Case("similarity"),
    "similarity_classes": Case("similarity", ("loss={type: am_softmax}", "decode.lexical=0.2")),
    "similarity_pairs": Case("similarity/pairs"),
    "similarity_contrastive": Case("similarity/pairs", ("loss={type: contrastive, threshold: 1}",)),
    "poem": Case("poem", (EARLY_PEAK,)),
    "poem_quatrains": Case(
        "poem",
        (
            "data.source={type: builtin, name: poem}",
            "model.posterior=batch_norm",
            "loss={type: elbo, free_bits: 0.1, anneal: 4}",
            "optimizer={type: sgd, learning_rate: 1e-2, momentum: 0.9}",
        ),
    ),
    "dogs": Case("dogs"),
    "dogs_stages": Case(
        "dogs",
        (
            "train.epochs=null",
            "train.stages=[{steps: 3, trainable_from: gated, augment: none}, {steps: 3, augment: full}]",
        ),
        ("train.evaluate_every=3", "train.log_every=1", "observers=[]"),
    ),
}


def record(folder: Path, names: Sequence[str]) -> None:
    """Train the cases into a folder; those that are there already are kept."""
    for name in names:
        if not (folder / name).exists():
            case = CASES[name]
            nlpx(
                *("train", f"configs/{case.config}.yaml", "--output", folder / name, "--name", "run"),
                sets=(*case.short, *case.sets),
            )
        print(name, flush=True)


def compare(before: Path, after: Path, names: Sequence[str], tolerance: float) -> int:
    """Print what differs; gives the number of differences."""
    count = 0
    for name in names:
        old, new = (next((side / name).glob("*/run")) for side in (before, after))
        found = [*_texts(old, new, tolerance), *_arrays(old, new, tolerance)]
        count += len(found)
        print(f"{name}: {'equal' if not found else ''}")
        for line in found[:12]:
            print(f"  {line}")
    return count


def _texts(before: Path, after: Path, tolerance: float) -> Iterator[str]:
    """Differences of losses and metrics, samples, predictions."""
    patterns = ("metrics.jsonl", "samples.jsonl", "eval/*")
    files = [path for side in (before, after) for pattern in patterns for path in side.glob(pattern)]
    for name in sorted({f"{path.parent.name}/{path.name}".removeprefix("run/") for path in files}):
        if not ((before / name).exists() and (after / name).exists()):
            yield f"{name} is only on one side"
            continue
        contents = [_records(side / name) for side in (before, after)]
        if len(contents[0]) != len(contents[1]):
            yield f"{name}: {len(contents[0])} records, now {len(contents[1])}"
        for number, (old, new) in enumerate(zip(*contents, strict=False), start=1):
            for key, was, now in _differences(old, new, ""):
                if not _close(was, now, tolerance):
                    yield f"{name}:{number}: {key}: was {was!r}, is {now!r}"


def _records(path: Path) -> list[object]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return [json.loads(text)]
    return [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else [text]


def _differences(old: object, new: object, key: str) -> Iterator[tuple[str, object, object]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*old, *(name for name in new if name not in old)]:
            yield from _differences(old.get(name), new.get(name), f"{key}/{name}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, (was, now) in enumerate(zip(old, new, strict=True)):
            yield from _differences(was, now, f"{key}/{i}")
    elif old != new:
        yield key, old, new


def _close(old: object, new: object, tolerance: float) -> bool:
    if isinstance(old, int | float) and isinstance(new, int | float):
        return abs(old - new) <= tolerance * max(1.0, abs(old))
    return False


def _arrays(before: Path, after: Path, tolerance: float) -> Iterator[str]:
    """Differences of weights and of all other variables, whatever they are called: a multiset of arrays."""
    steps = [sorted(path.name for path in side.glob("checkpoints/*")) for side in (before, after)]
    if steps[0] != steps[1]:
        yield f"checkpoints {steps[0]}, now {steps[1]}"
        return
    for step in steps[0]:
        for file in ("weights.npz", "state.npz"):
            old, new = (_load(side / "checkpoints" / step / file) for side in (before, after))
            counts = [Counter(map(_bits, side.values())) for side in (old, new)]
            if counts[0] == counts[1]:
                continue
            far = [
                name
                for name in old.keys() & new.keys()
                if old[name].shape != new[name].shape or _distance(old[name], new[name]) > tolerance
            ]
            missing = sorted(old.keys() ^ new.keys())
            if far or missing or not tolerance:
                lost = sum((counts[0] - counts[1]).values())
                yield (
                    f"{step}/{file}: {lost} of {len(old)} arrays differ, far from equal: {far[:3]}, "
                    f"on one side: {missing[:3]}"
                )


def _load(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _bits(array: np.ndarray) -> tuple[str, tuple[int, ...], bytes]:
    return str(array.dtype), array.shape, array.tobytes()


def _distance(old: np.ndarray, new: np.ndarray) -> float:
    difference = np.abs(old.astype(np.float64) - new.astype(np.float64))
    return float(np.max(difference / np.maximum(1.0, np.abs(old.astype(np.float64))), initial=0.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("action", choices=["record", "compare"])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--cases", nargs="*", choices=list(CASES), default=list(CASES))
    parser.add_argument(
        "--tolerance", type=float, default=0.0, help="relative, from 1 up; 0 wants all bits equal"
    )
    arguments = parser.parse_args()
    if arguments.action == "record":
        record(arguments.folders[0], arguments.cases)
        return
    before, after = arguments.folders
    if compare(before, after, arguments.cases, arguments.tolerance):
        sys.exit(1)


if __name__ == "__main__":
    main()
