"""What some predictions of a model with attention attend to."""

from __future__ import annotations

from typing import Any

from nlpx.errors import NlpxError
from nlpx.exported.graph import ASKED
from nlpx.report.attention import attention_map
from nlpx.report.facts import Facts
from nlpx.report.html import Html, drawn
from nlpx.report.language import phrase, translated
from nlpx.report.latent import bundle_of
from nlpx.report.sections.heading import grid, note, section
from nlpx.runs.bundle import Bundle
from nlpx.runs.directory import is_bundle

SHOWN = 4
TEXTS, PREDICTIONS = ("source_text", "text"), ("predicted_text", "prediction")
"""Values of examples, of which the first that is there is used."""
LONGEST = 60
"""Characters of texts that are shown."""


def attention(facts: Facts) -> Html:
    """Maps of predictions of the evaluated split, from the best to the worst."""
    examples = _chosen([*facts.main.examples]) if facts.main is not None else []
    if not examples or not is_bundle(facts.run.bundle):
        return Html()
    try:
        if ASKED not in Bundle.open(facts.run.bundle).manifest.constants:
            return Html()
        model = bundle_of(facts)
        if model is None:
            return Html()
        found = model.predictor.attention([(source, made) for _, source, made in examples])
    except NlpxError as error:
        return section("Attention", note(phrase("There are no maps of attention: {error}", error=error)))
    if not found:
        return Html()
    maps = []
    for (example, _, made), each in zip(examples, found, strict=True):
        title = f"{made[:24]}（{translated(example.severity_is)} {example.severity:.2f}）"
        maps.append(drawn(attention_map(title, each), phrase("attention of {text}", text=made)))
    about = phrase(
        "Down: the prediction, or 全文 for a prediction as a whole; across: the text. Dark: much attention, "
        "which is the mean over the heads of the last attention of the model; pointing at a square shows its "
        "share. Predictions of the split, the best first."
    )
    return section("Attention", grid(maps), note(about))


def _chosen(examples: list[Any]) -> list[tuple[Any, str, str]]:
    """Some examples with their texts and predictions, evenly from the best to the worst."""
    texts = [(each, _text(each, *TEXTS), _text(each, *PREDICTIONS)) for each in examples]
    usable = [each for each in texts if each[1] and each[2]]
    usable = [each for each in usable if len(each[1]) <= LONGEST] or [
        (example, source[:LONGEST], made) for example, source, made in usable
    ]
    usable.sort(key=lambda each: float(each[0].severity))
    last = len(usable) - 1
    places = {round(number * last / (SHOWN - 1)) for number in range(SHOWN)} if usable else set()
    return [usable[place] for place in sorted(places)]


def _text(example: Any, *names: str) -> str:
    """The first of these values that is a text; empty if there is none, or a blank one."""
    value = next((found for name in names if isinstance(found := getattr(example, name, None), str)), "")
    return value if value.strip() else ""
