"""Models of all panels that compute nothing, but take the options and give the fields of the real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from nlpx.serving.calls import Options
from nlpx.serving.models import ServedModel
from nlpx.serving.tasks.base import TaskApi
from nlpx.serving.tasks.couplet import CoupletOptions, rules_kept
from nlpx.serving.tasks.poem import PoemOptions
from nlpx.serving.tasks.segmentation import SegmentationOptions
from nlpx.serving.tasks.similarity import SimilarityOptions
from nlpx.serving.tasks.title import TitleOptions
from nlpx.specs.predictor import Prediction, UnconditionalPredictor

Fields = dict[str, Any]
Answer = Callable[[Any, Any], Fields]
SAMPLE = "春风又绿江南岸"


def couplet(text: str, options: CoupletOptions) -> Fields:
    """The upper line itself, which breaks a rule; or characters by seed, which keep all."""
    lower = (
        text if options.seed is None else "".join(chr(0x4E00 + 50 * options.seed + ord(c) % 50) for c in text)
    )
    return {"text": lower, "lower": lower, "rules": rules_kept(text, lower)}


def segmentation(text: str, options: SegmentationOptions) -> Fields:
    size = 3 if options.dictionary else 2
    words = [text[i : i + size] for i in range(0, len(text), size)]
    return {"words": words, **({"jieba": [*text]} if options.jieba else {})}


def title(text: str, options: TitleOptions) -> Fields:
    titles = [text[: 4 + number] for number in range(options.candidates)]
    found = [{"title": each, "nll": 4.0, "nll_per_character": 4.0 / len(each)} for each in titles if each]
    weights = [
        [0.7 if place == row else 0.3 / len(text) for place in range(len(text))]
        for row in range(len(text[:4]))
    ]
    shown = {"article": [*text], "headline": [*text[:4]], "weights": weights}
    return {"title": text[:4], "candidates": found, **({"attention": shown} if options.attention else {})}


def similarity(text: str, options: SimilarityOptions) -> Fields:
    if options.lines:
        return {"lines": [{"text": line, "cosine": 0.5} for line in options.lines]}
    return {"neighbours": [{"text": f"{text}？", "score": 0.9, "cosine": 0.8}]}


def poem(text: str, options: PoemOptions) -> Fields:
    if "|" in text:
        return {
            "verses": [f"第{number}句春风，明月照大江。" for number in range(1, (options.steps or 5) + 1)]
        }
    if len(text) > 5:
        return {
            "failed": True,
            "text": f"{len(text)} characters; a verse of this model has 5, an opening fewer",
        }
    return {"verse": f"{text}寒山雪，明月照大江。", "opening": text}


def sentiment(text: str, options: Options) -> Fields:
    good = 0.9 if "好" in text else 0.3
    classes = [{"class": "好评", "probability": good}, {"class": "差评", "probability": 1 - good}]
    classes.sort(key=lambda each: -float(str(each["probability"])))
    return {"class": classes[0]["class"], "classes": classes}


def vectors(text: str, options: Options) -> Fields:
    if "龘" in text:
        return {"words": [], "neighbours": []}
    return {"words": [text], "neighbours": [{"word": f"{text}子", "cosine": 0.9}]}


def classes(value: str) -> Answer:
    names = ["<b>fox</b>", "dog", "cat", "cow", "ant", "bee"]
    return lambda image, options: {
        "classes": [{"class": n, value: 0.9 / (i + 1)} for i, n in enumerate(names)]
    }


def ocr(image: Any, options: Options) -> Fields:
    character = {"character": "天", "box": [2, 2, 6, 6], "probability": 0.9}
    return {"lines": [{"text": "天<b>", "box": [1, 1, 8, 16], "characters": [character]}]}


def ocr_lines(image: Any, options: Options) -> Fields:
    return {"lines": [{"text": "天地", "box": [1, 1, 8, 16], "log_probability": -0.5}]}


def linking(text: str, options: Options) -> Fields:
    entity = {"kb_id": "1", "subject": "苹果", "description": "水果", "score": 0.9}
    return {"mentions": [{"mention": text[2:4], "offset": 2, **entity}]}


def plain(text: str, options: Options) -> Fields:
    return {"text": text.upper()}


PANELS: dict[str, tuple[Answer, type[Options]]] = {
    "couplet": (couplet, CoupletOptions),
    "segmentation": (segmentation, SegmentationOptions),
    "title": (title, TitleOptions),
    "similarity": (similarity, SimilarityOptions),
    "poem": (poem, PoemOptions),
    "sentiment": (sentiment, Options),
    "vectors": (vectors, Options),
    "image_classification": (classes("probability"), Options),
    "digits": (classes("score"), Options),
    "ocr": (ocr, Options),
    "ocr_lines": (ocr_lines, Options),
    "linking": (linking, Options),
    "ode": (plain, Options),
    "gan": (plain, Options),
}
IMAGES = ("image_classification", "digits", "ocr", "ocr_lines")
GENERATORS = ("poem", "gan", "ode")


class PanelPredictor(UnconditionalPredictor):
    """Verses and points."""

    def __init__(self, task: str) -> None:
        self._task = task

    def generate(self, count: int, seed: int) -> list[Prediction]:
        if self._task == "poem":
            return [Prediction("", {"verse": f"{seed % 10}夜听风雨，山寒月满楼。"}) for _ in range(count)]
        return [Prediction("0\t1", {"point": [0.1 * number, 1.0]}) for number in range(count)]


class PanelApi(TaskApi):
    """A task with canned predictions."""

    def __init__(self, task: str) -> None:
        experiment = SimpleNamespace(
            type=task,
            takes_input=task != "gan",
            takes_images=task in IMAGES,
            generates=task in GENERATORS,
            samples=[SAMPLE[:2] if task == "poem" else SAMPLE],
        )
        opened: Any = SimpleNamespace(experiment=experiment, predictor=PanelPredictor(task), run=None, step=1)
        super().__init__(opened)
        self._answer, self._options = PANELS[task]
        self._task = task

    @property
    def options(self) -> type[Options]:  # type: ignore[override]  # of a class
        return self._options

    @property
    def facts(self) -> dict[str, object]:
        return {"length": 10, "can_rhyme": True, "rhymes": False} if self._task == "poem" else {}

    def predict(self, inputs: Sequence[Any], options: Any) -> list[Prediction]:
        return [self._predicted(given, options) for given in inputs]

    def _predicted(self, given: Any, options: Any) -> Prediction:
        if getattr(given, "content", None) == b"broken":
            return Prediction("this is not an image", failed=True)
        fields = {"text": "", **self._answer(given, options)}
        return Prediction(fields.pop("text"), fields, failed=bool(fields.pop("failed", False)))


def panel_models() -> dict[str, ServedModel]:
    """A model of each task."""
    return {
        f"{task}/样": ServedModel(f"{task}/样", PanelApi(task), lambda name, error: None) for task in PANELS
    }
