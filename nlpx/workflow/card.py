"""The model card of a bundle."""

from __future__ import annotations

import json
from collections.abc import Iterator

from nlpx.core.json_text import parse_json
from nlpx.errors import NlpxError
from nlpx.runs.files import read_file
from nlpx.specs.document import documentation
from nlpx.workflow.model import OpenModel
from nlpx.workflow.rounded import Compared

CARD = """\
# {title}

{summary}

| | |
|---|---|
| task | {task} |
| run | {run}, step {step} |
| training data | {data} |

```
nlpx predict FOLDER {usage}
```

The folder is complete: predictions need onnxruntime, and neither TensorFlow nor Keras. Before it was
written, its predictions for {inputs} inputs and {rows} validation rows were compared with those of the run.
{rounded}
## Validation

{metrics}

## Licence

Not stated. Whoever publishes this model states here under which licence, and whether its training data
allow that.

## Limits

Not stated. Describe here what the model is meant for, and for which inputs its predictions are poor.
"""


def card(model: OpenModel, inputs: int, rows: int, rounded: Compared | None) -> str:
    """A stub, which whoever publishes the bundle completes.

    Args:
        inputs, rows: how many were compared.
        rounded: what int8 weights change.
    """
    task = model.experiment
    return CARD.format(
        title=f"{task.type}: {model.run.id}",
        summary=documentation(type(task)).summary,
        task=task.type,
        run=model.run.id,
        step=model.step,
        data=task.data.source.type,
        usage="--input IMAGE" if task.takes_images else "--text ..." if task.takes_input else "--count 5",
        inputs=inputs,
        rows=rows,
        rounded=f"\nThen its weights were quantized. {rounded.describe()}\n" if rounded else "",
        metrics="\n".join(_metrics(model)) or "Not evaluated.",
    )


def _metrics(model: OpenModel) -> Iterator[str]:
    try:
        found = parse_json(read_file(model.run.eval_path("valid")))
    except (NlpxError, ValueError):
        return
    metrics = found.get("metrics") if isinstance(found, dict) else None
    if isinstance(metrics, dict) and metrics:
        yield from ("| metric | value |", "|---|---|")
        yield from (f"| {name} | {json.dumps(value)} |" for name, value in metrics.items())
