"""The samples of a config over the training: predictions, and images of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from nlpx.errors import DamagedRun
from nlpx.report.differences import LONGEST, by_character, cut
from nlpx.report.facts import Facts
from nlpx.report.html import Html, element, image, joined, table
from nlpx.report.language import phrase
from nlpx.report.sections.heading import note, section
from nlpx.runs.files import read_file

STEPS, TEXTS, LISTED = 5, 20, 3
"""Evaluations and texts that are shown, and parts of a list."""
IMAGES = {".png": 6, ".svg": 3}
"""Images that are shown. Drawings need more room."""
LARGEST_IMAGE = 1 << 20
"""Bytes of an image that is part of the page."""
KINDS = {".png": "image/png", ".svg": "image/svg+xml"}


def samples(facts: Facts) -> Html:
    """A row for each text with its prediction at some evaluations; changes are underlined."""
    return section("Samples", _texts(facts), _images(facts))


def _texts(facts: Facts) -> Html:
    by_step: dict[int, dict[str, str]] = {}
    for sample in facts.samples:
        step, text = sample.get("step"), sample.get("text")
        if isinstance(step, int) and isinstance(text, str):
            by_step.setdefault(step, {})[text] = shown(sample)
    if not by_step:
        return Html()
    steps = some([*by_step], facts.best)
    texts = list(dict.fromkeys(text for step in steps for text in by_step[step]))[:TEXTS]
    header = [phrase("text"), *(_step(step, facts.best) for step in steps)]
    rows = [[cut(text), *_changes([by_step[step].get(text, "") for step in steps])] for text in texts]
    return joined(
        [table(header, rows, class_="samples"), note(phrase("Green: not so at the evaluation before."))]
    )


def _step(step: int, best: int | None) -> str:
    return phrase("step {step} (best)", step=step) if step == best else phrase("step {step}", step=step)


def shown(sample: Mapping[str, object]) -> str:
    """The main field of a prediction: the first one that is not the text; all of them if they are numbers."""
    fields = {name: value for name, value in sample.items() if name not in ("step", "text")}
    if all(isinstance(value, int | float) for value in fields.values()):
        return ", ".join(f"{name} {value:.4g}" for name, value in fields.items())
    values = (value for value in fields.values() if value not in (sample.get("text"), [sample.get("text")]))
    return cut(_line(next(values, "")))


def _line(value: object) -> str:
    """A text; of a list of objects, the first three, each with its name and its first number."""
    if isinstance(value, Mapping):
        texts = [part for part in value.values() if isinstance(part, str)][:1]
        numbers = [f"{part:.2f}" for part in value.values() if isinstance(part, float)][:1]
        return " ".join([*texts, *numbers])
    if isinstance(value, list):
        if all(isinstance(part, str) for part in value):
            return " ".join(value)
        return ", ".join(map(_line, value[:LISTED])) if isinstance(value[0], dict) else str(value)[:LONGEST]
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def some(steps: Sequence[int], best: int | None) -> list[int]:
    """At most STEPS steps from the first to the last one, with the best one."""
    steps = sorted(steps)
    if len(steps) <= STEPS:
        return list(steps)
    chosen = {steps[round(place * (len(steps) - 1) / (STEPS - 1))] for place in range(STEPS)}
    if best in steps and best not in chosen:
        nearest = min(chosen - {steps[0], steps[-1]}, key=lambda step: abs(step - best))
        chosen = chosen - {nearest} | {best}
    return sorted(chosen)


def _changes(values: Sequence[str]) -> list[Html]:
    return [by_character(values[max(place - 1, 0)], value)[1] for place, value in enumerate(values)]


def _images(facts: Facts) -> Html:
    folder = facts.run.sample_images
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix in KINDS)
    except OSError:
        return Html()
    by_name: dict[str, list[Path]] = {}
    for path in files:
        by_name.setdefault(path.name.split("-", 2)[-1], []).append(path)
    parts = []
    for name, paths in by_name.items():
        suffix = paths[0].suffix
        count = IMAGES[suffix]
        places = sorted({round(i * (len(paths) - 1) / (count - 1)) for i in range(count)})
        figures = [_figure(paths[place]) for place in places]
        parts.append(joined([element("h3", name), element("div", *figures, class_=f"images {suffix[1:]}")]))
    return joined(parts)


def _figure(path: Path) -> Html:
    step = path.name.split("-")[1].lstrip("0") if path.name.count("-") > 1 else path.name
    try:
        content = read_file(path, LARGEST_IMAGE)
    except DamagedRun as error:
        return element("figure", note(str(error)))
    caption = phrase("step {step}", step=step)
    return element("figure", image(content, KINDS[path.suffix], caption), element("figcaption", caption))
