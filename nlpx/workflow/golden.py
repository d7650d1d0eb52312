"""Golden examples: inputs with predictions, which a bundle must repeat on every machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nlpx.core.files import Unreadable
from nlpx.core.json_text import parse_json
from nlpx.core.scratch import scratch
from nlpx.errors import DamagedRun
from nlpx.runs.bundle import GOLDEN, Bundle
from nlpx.runs.manifest import ADVICE
from nlpx.specs.experiment import Experiment
from nlpx.specs.predictor import Prediction, Predictor, UnconditionalPredictor
from nlpx.workflow.agreement import agree, same_decisions

COUNT = 6
LONGEST = 64
"""Characters of a golden text, at most."""
IMAGES = "golden"
"""The folder of golden images."""
SEED = 0
"""Of samples of tasks without input."""
SHOWN = 200
AnyPredictor = Predictor[Any, Any]


def predictions_of(
    predictor: AnyPredictor, experiment: Experiment, inputs: Sequence[str]
) -> list[Prediction]:
    """One prediction for each of the inputs that `Experiment.inputs` gives."""
    if experiment.takes_input or not isinstance(predictor, UnconditionalPredictor):
        return predictor.predict(inputs)
    numbers = [int(number) for number in inputs]
    made = predictor.generate(1 + max(numbers, default=-1), SEED)
    return [made[number] for number in numbers]


def golden_files(
    experiment: Experiment, inputs: Sequence[str], predictions: Sequence[Prediction]
) -> dict[str, bytes]:
    """The files of a bundle with some of the inputs and their predictions."""
    images: dict[str, bytes] = {}
    items: list[dict[str, object]] = []
    for given, prediction in zip(inputs, predictions, strict=True):
        if prediction.failed or not given.strip() or len(items) == COUNT:
            continue
        if experiment.takes_images:
            name = f"{IMAGES}/{Path(given).name}"
            images[name] = Path(given).read_bytes()
            items.append({"image": name, "prediction": prediction.fields})
        elif len(given) <= LONGEST:
            items.append({"text": given, "prediction": prediction.fields})
    return {GOLDEN: json.dumps(items, ensure_ascii=False, indent=1).encode(), **images}


def replay(bundle: Bundle, predictor: AnyPredictor, experiment: Experiment) -> None:
    """Predict for the golden examples; raises DamagedRun if one has another prediction than it had."""
    path = bundle.path / GOLDEN
    try:
        golden = parse_json(bundle.read(GOLDEN))
    except Unreadable as error:
        raise DamagedRun(path, str(error), ADVICE) from None
    key = "image" if experiment.takes_images else "text"
    if (
        not isinstance(golden, list)
        or not all(isinstance(item, dict) and isinstance(item.get(key), str) for item in golden)
        or not any(item[key].strip() for item in golden)
    ):
        raise DamagedRun(path, f"expected a list of {key}s with predictions, which are not all blank", ADVICE)
    inputs = [item[key] for item in golden]
    if experiment.takes_images:
        with scratch() as folder:
            found = predictions_of(predictor, experiment, [*_unpacked(bundle, inputs, folder)])
    else:
        found = predictions_of(predictor, experiment, inputs)
    # Products of integers may change where a number is rounded to another one.
    same = agree if bundle.manifest.quantization is None else same_decisions
    for item, prediction in zip(golden, found, strict=True):
        if not same(prediction.fields, item.get("prediction")):
            raise DamagedRun(
                path,
                f"for {item[key][:SHOWN]!r}, this machine predicts {prediction.text[:SHOWN]!r}, and not "
                f"what was exported: {str(item.get('prediction'))[:SHOWN]}",
                "Export the run again; if that does not help, use the run itself on this machine.",
            )


def _unpacked(bundle: Bundle, names: Sequence[str], folder: Path) -> Iterator[str]:
    """Paths of copies of images, whose hashes have been checked."""
    for number, name in enumerate(names):
        copy = folder / str(number)
        copy.write_bytes(bundle.read(name))
        yield str(copy)
