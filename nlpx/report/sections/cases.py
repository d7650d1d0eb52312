"""The worst and the best predictions of an evaluation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nlpx.components.values import UNRANKED
from nlpx.errors import NlpxError
from nlpx.report.differences import by_character, by_word, cut
from nlpx.report.facts import Facts
from nlpx.report.html import Html, element, folded, image, joined, table
from nlpx.report.language import phrase, translated
from nlpx.report.sections.heading import note, section
from nlpx.report.thumbnails import thumbnails
from nlpx.workflow.measured import Measured

WORST, MORE, BEST = 10, 30, 5
"""Cases that are shown, further ones that are folded, and the best ones."""
Row = list[str]


def cases(facts: Facts) -> Html:
    """The rows with the largest and the smallest severity, with differences marked."""
    measured = facts.main
    if measured is None or not measured.examples or hasattr(measured.examples[0], "discriminator"):
        return Html()  # samples that have nothing to do with their rows
    order = sorted(measured.examples, key=_severity, reverse=True)
    worst, more = order[:WORST], order[WORST : WORST + MORE]
    # Among equally good ones, the longest says most.
    best = sorted(order, key=lambda example: (_severity(example), -len(example.describe())))[:BEST]
    by = translated(str(getattr(order[0], "severity_is", "severity")))
    images, remark = _images(facts, measured, [*worst, *more, *best])

    def shown(examples: Sequence[Any]) -> Html:
        return _table(examples, by, images)

    further = folded(phrase("{count} more", count=len(more)), shown(more)) if len(more) > WORST else Html()
    return section(
        "Cases",
        element("h3", phrase("Worst {count} of {all} rows", count=len(worst), all=len(order))),
        shown(worst),
        further,
        element("h3", phrase("Best {count}", count=len(best))) if len(order) > WORST else Html(),
        shown(best) if len(order) > WORST else Html(),
        note(
            phrase("Sorted by: {by}. Red: in the reference only; green: in the prediction only.", by=by)
            + _ranks(order[0])
        ),
        note(remark) if remark else Html(),
        note(phrase("All rows: {path}", path=facts.run.predictions_path(measured.record.split))),
    )


def _ranks(example: Any) -> str:
    ranked = hasattr(example, "reference_rank")
    if not ranked:
        return ""
    return phrase(" Rank: that of the reference among the classes, by probability.")


def _images(facts: Facts, measured: Measured, shown: Sequence[Any]) -> tuple[dict[str, bytes], str]:
    """Small images of examples by their input, and why there are none."""
    config = facts.experiment
    if config is None or not config.takes_images:
        return {}, ""
    if not facts.may_read_data:
        why = "Images are shown with nlpx report --read-data, which reads the data of the run."
        return {}, phrase(why)
    try:
        return thumbnails(config, measured.record.split, {first_field(example) for example in shown}), ""
    except NlpxError as error:
        return {}, phrase("There are no images: {error}", error=error)


def first_field(example: Any) -> str:
    """The input of an example, which is the first field of every kind."""
    return str(next(iter(example.to_json().values())))


def _severity(example: Any) -> float:
    severity = float(example.severity)
    return math.inf if math.isnan(severity) else severity


def _table(examples: Sequence[Any], by: str, images: Mapping[str, bytes]) -> Html:
    show, header = shape(examples[0])
    rows = [[*show(example), f"{example.severity:.4g}"] for example in examples]
    for row, name in zip(rows, map(first_field, examples), strict=True):
        if name in images:
            row[0] = joined([image(images[name], "image/png", name), element("small", name)])
    return table([*header, by], rows, class_="cases")


def shape(example: Any) -> tuple[Callable[[Any], Row], list[str]]:
    """How examples with these values are shown, and the headings of the columns."""
    for needed, show, header in SHAPES:
        if all(hasattr(example, name) for name in needed):
            return show, list(map(translated, header))
    return (lambda example: [example.describe()]), [phrase("prediction")]


def _segmented(example: Any) -> Row:
    return [*by_word(example.reference_words, example.predicted_words)]


def _linked(example: Any) -> Row:
    sides = (example.reference_links, example.predicted_links)
    marks = ("del", "ins")
    shown = [
        joined(
            [element("span" if link in other else mark, f"{link.text}={link.kb_id}") for link in side],
            "、",
        )
        for side, other, mark in zip(sides, sides[::-1], marks, strict=True)
    ]
    return [cut(example.text), *shown]


def _written(example: Any) -> Row:
    source = getattr(example, "source_text", None) or getattr(example, "image", "")
    return [cut(str(source)), *by_character(example.reference_text, example.predicted_text)]


def _classified(example: Any) -> Row:
    right = example.reference_class == example.predicted_class
    predicted = words_of_class(example.predicted_class) if right else element("ins", example.predicted_class)
    rank = example.reference_rank
    return [
        cut(first_field(example)),
        example.reference_class,
        joined([predicted, _probability(example)]),
        _place(rank),
    ]


def words_of_class(label: str) -> Html:
    """The name of a class."""
    return element("span", label)


def _place(rank: int) -> str:
    return phrase("no class of the model") if rank == UNRANKED else str(rank)


def _probability(example: Any) -> str:
    scores = getattr(example, "class_probabilities", None) or getattr(example, "scores", {})
    value = scores.get(example.predicted_class, getattr(example, "probability", None))
    return "" if value is None else f" {value:.1%}"


def _neighbour(example: Any) -> Row:
    nearest = element("span" if example.right else "ins", example.nearest)
    return [
        example.text,
        joined([nearest, f" {example.score:.2f}"]),
        phrase("yes") if example.right else phrase("no"),
    ]


def _pair(example: Any) -> Row:
    return [example.first, example.second, f"{example.score:g}", f"{example.answer:.3f}"]


def _reconstructed(example: Any) -> Row:
    return [*by_character(example.source_text, example.answer), " ".join(example.generated)]


SHAPES: list[tuple[tuple[str, ...], Callable[[Any], Row], list[str]]] = [
    (("reference_words", "predicted_words"), _segmented, ["reference", "prediction"]),
    (("reference_links", "predicted_links"), _linked, ["text", "reference", "prediction"]),
    (("reference_text", "predicted_text"), _written, ["input", "reference", "prediction"]),
    (
        ("reference_class", "predicted_class", "reference_rank"),
        _classified,
        ["input", "reference", "prediction", "rank"],
    ),
    (("nearest", "right", "score"), _neighbour, ["text", "nearest", "same group"]),
    (("predicted_score", "first", "second"), _pair, ["first", "second", "score", "prediction"]),
    (("elbo", "generated", "source_text"), _reconstructed, ["verse", "reconstruction", "generated"]),
]
"""What examples have, how they are shown, and headings; the first that fits."""
