"""What the layers of a trained model compute for a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING

from nlpx.core.suggest import nearest
from nlpx.data.png import png
from nlpx.errors import UsageError
from nlpx.inference.heatmap import heatmap
from nlpx.inference.probe import TAP, WEIGHT, recorded, weights
from nlpx.specs.predictor import UnconditionalPredictor
from nlpx.workflow.model import OpenModel

if TYPE_CHECKING:
    import numpy as np

Arrays = Mapping[str, "np.ndarray"]
SUFFIXES = (".npz", ".png")
MOST_NEAR = 3


def probe(model: OpenModel, text: str | None) -> dict[str, np.ndarray]:
    """All arrays by name: outputs of layers, `tap/NAME`, `weight/NAME`, and those of the task.

    Args:
        text: what is predicted for; None generates one sample, with a generative task.

    Raises:
        UsageError: there is no prediction for this text.
    """
    network, predictor = model.learner.model, model.predictor
    with recorded(network) as found:
        if text is not None:
            predictor.compute(text)
        elif isinstance(predictor, UnconditionalPredictor):
            predictor.generate(1, 0)
    if not found:
        raise UsageError(
            f"the model computes nothing for the text {text!r}. Expected a text for which `nlpx predict` "
            "makes a prediction."
        )
    return found | dict(predictor.arrays()) | weights(network)


def chosen(arrays: Arrays, wanted: Iterable[str]) -> dict[str, np.ndarray]:
    """The arrays of some names, of all calls; the prefix `tap/` or `weight/` can be omitted.

    Raises:
        UsageError: there is no such name; the message has the nearest ones.
    """
    found: dict[str, np.ndarray] = {}
    for name in wanted:
        for full in (name, f"{TAP}{name}", f"{WEIGHT}{name}"):
            same = {key: array for key, array in arrays.items() if full in (key, first_call(key))}
            if same:
                found |= same
                break
        else:
            known = list(dict.fromkeys(map(first_call, arrays)))
            short = {other.removeprefix(TAP).removeprefix(WEIGHT): other for other in known}
            near = [short.get(other, other) for other in nearest(name, [*short, *known], MOST_NEAR)]
            advice = f"did you mean {' or '.join(dict.fromkeys(near))}? " if near else ""
            raise UsageError(
                f"{name}: the model computes no such layer or tensor for this text; {advice}"
                "`nlpx probe --list --text TEXT` shows those of a text."
            )
    return found


def first_call(name: str) -> str:
    """A name without the number of the call."""
    return name.partition("#")[0]


def file_of(arrays: Arrays, suffix: str) -> bytes:
    """The content of a file: all arrays as .npz, or the first one as an image, .png."""
    import numpy as np

    if suffix == ".png":
        return png(heatmap(next(iter(arrays.values()))))
    written = BytesIO()
    np.savez_compressed(written, **arrays)  # type: ignore[arg-type]  # the names are not those of options
    return written.getvalue()
