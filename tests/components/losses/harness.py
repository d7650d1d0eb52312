"""What every objective must do, whatever it computes: checks over random values of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

import numpy as np
import tensorflow as tf
import yaml
from pydantic import ValidationError

from nlpx.components.losses.base import Loss, Term
from nlpx.core.component import Entry
from nlpx.specs.document import documentation

ROWS, LENGTH, CLASSES, WIDTH = 6, 4, 5, 3
SIZES = {"classes": CLASSES, "width": WIDTH}
SEQUENCES = {
    "hidden",
    "transcript",
    "crf_nll",
    "memm_nll",
    "bi_memm_nll",
    "token_nll",
    "token_logits",
    "overlap",
    "start_logit",
}
"""Values that only sequences have."""
VECTORS = {
    "logit",
    "vector",
    "group",
    "cosine",
    "score",
    "auxiliary_logits",
    "feature",
    "real_score",
    "capsule_length",
    "state",
}
"""Values that only rows have, which are no sequences."""
MOST_NUMBERS = 2
"""How many values of a number are tried: 0 and another one, where 0 is allowed."""

Values = dict[str, tf.Tensor]
Make = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def _normal(*more: int) -> Make:
    return lambda rng, shape: rng.normal(size=(*shape, *more))


def _of_rows(make: Make) -> Make:
    return lambda rng, shape: make(rng, shape[:1])


def _unit(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    x = rng.normal(size=(shape[0], WIDTH))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


MAKE: dict[str, Make] = {
    "logits": _normal(CLASSES),
    "logit": _of_rows(lambda rng, shape: rng.normal(size=shape)),
    "target": lambda rng, shape: rng.integers(0, CLASSES, shape),
    "auxiliary_logits": _normal(CLASSES),
    "feature": _of_rows(_normal(WIDTH)),
    "hidden": _normal(WIDTH),
    "crf_nll": _of_rows(lambda rng, shape: rng.random(shape)),
    "memm_nll": _of_rows(lambda rng, shape: rng.random(shape)),
    "bi_memm_nll": _of_rows(lambda rng, shape: rng.random(shape)),
    "token_nll": lambda rng, shape: rng.random(shape),
    "token_logits": _normal(CLASSES),
    "overlap": lambda rng, shape: rng.random(shape),
    "capsule_length": _of_rows(lambda rng, shape: rng.random((*shape, CLASSES))),
    "transcript": _of_rows(lambda rng, shape: rng.integers(1, CLASSES, (*shape, 2))),
    "transcript_length": _of_rows(lambda rng, shape: rng.integers(0, 3, shape)),
    "kl": _of_rows(lambda rng, shape: rng.random((*shape, WIDTH))),
    "vector": _unit,
    "group": _of_rows(lambda rng, shape: rng.permutation(np.arange(shape[0]) // 2)),
    "cosine": lambda rng, shape: rng.uniform(-1, 1, shape),
    "score": lambda rng, shape: rng.random(shape),
    "real_score": _normal(),
    "fake_score": _normal(),
    "generator_score": _normal(),
    "noise_error": lambda rng, shape: rng.random(shape),
    "real_gradient": lambda rng, shape: rng.random(shape),
    "row_key": _of_rows(lambda rng, shape: rng.permutation(1000)[: shape[0]]),
    "state": _of_rows(_normal(WIDTH)),
    "observed_state": _of_rows(_normal(WIDTH)),
    "observed": _of_rows(lambda rng, shape: rng.random((*shape, WIDTH)) < 0.7),
    "mixed_gradient": lambda rng, shape: rng.random(shape),
    "start_logit": _normal(),
    "start_target": lambda rng, shape: rng.integers(0, 2, shape),
    "end_logit": _normal(2),
    "end_target": lambda rng, shape: rng.integers(0, 2, (*shape, 2)),
    "end_possible": lambda rng, shape: rng.integers(0, 2, (*shape, 2)),
    "link_logit": _of_rows(_normal()),
    "link_target": _of_rows(lambda rng, shape: rng.integers(0, 2, shape)),
    "link_sampled": _of_rows(lambda rng, shape: rng.integers(0, 2, shape)),
}
"""By name: a random value for the shape (B, T) or (B,) of the mask."""
SHARED = {
    "output_embedding": lambda rng: rng.normal(size=(CLASSES, WIDTH)),
    "output_bias": lambda rng: rng.normal(size=CLASSES),
    "frequency": lambda rng: rng.integers(0, 9, CLASSES).astype(np.float32),
    "class_rank": lambda rng: rng.permutation(CLASSES),
}
"""By name: a random value that belongs to the classes and not to rows."""
BOUNDED = {"capsule_length", "frequency", "vector", "cosine"}


def variants(entry: Entry) -> Iterator[Loss]:
    """The objective of the example, which may be in a sum, and for every option some that differ in it alone."""
    example = yaml.safe_load(documentation(entry.component).example)["loss"]
    inner = example["losses"] if isinstance(example, dict) and "losses" in example else []
    every = [
        {"type": e} if isinstance(e, str) else e for e in (example, *(member["loss"] for member in inner))
    ]
    given = next(options for options in every if options["type"] == entry.name)
    yield entry.component.model_validate(given)  # type: ignore[misc]  # a loss
    for name, field in entry.component.model_fields.items():
        if name == "type":
            continue
        choices: list[object] = [v for v in get_args(field.annotation) if isinstance(v, str)]
        if field.annotation is bool:
            choices = [True, False]
        numbers = 0
        for value in choices or [0.0, 0.3, 2.0, 3]:
            try:
                made = entry.component.model_validate({**given, name: value})
            except ValidationError:
                continue
            numbers += not choices
            if numbers <= MOST_NUMBERS:
                yield made  # type: ignore[misc]  # a loss


def layouts(loss: Loss) -> Sequence[str]:
    """Whether it is over sequences, over rows, or over either."""
    if loss.reads & SEQUENCES:
        return ("sequences",)
    return ("rows",) if loss.reads & VECTORS else ("sequences", "rows")


def random_values(loss: Loss, layout: str, seed: int = 0, scale: float = 1.0) -> Values:
    """What the objective reads, for rows of different lengths, without an empty one."""
    rng = np.random.default_rng(seed)
    shape = (ROWS, LENGTH) if layout == "sequences" else (ROWS,)
    lengths = rng.permutation(np.arange(ROWS) % LENGTH + 1)
    mask = np.arange(LENGTH) < lengths[:, None] if layout == "sequences" else np.ones(ROWS, bool)
    values: Values = {"mask": tf.constant(mask)}
    for name in sorted(loss.reads - {"mask"}):
        made = SHARED[name](rng) if name in SHARED else MAKE[name](rng, shape)
        if made.dtype.kind == "f":
            made = (made * (1.0 if name in BOUNDED else scale)).astype(np.float32)
        values[name] = tf.constant(made, tf.float32 if made.dtype.kind == "f" else tf.int32)
    return values


def fresh(loss: Loss, seed: int = 0) -> Loss:
    """A copy with variables of its own."""
    tf.keras.utils.set_random_seed(seed)
    made = loss.model_copy()
    made.build(SIZES)
    return made


def total(parts: Sequence[Mapping[str, Term]]) -> tf.Tensor:
    """The objective of an update from the terms of its micro-batches."""
    terms = {name: [part[name] for part in parts] for name in parts[0]}
    return tf.add_n(
        [
            found[0].coefficient
            * tf.math.divide_no_nan(
                tf.add_n([term.sum for term in found]), tf.add_n([term.weight for term in found])
            )
            for found in terms.values()
        ]
    )


def measured(
    loss: Loss, values: Values, cuts: Iterable[slice] = (slice(None),), step: int = 7
) -> tuple[Any, list[Any]]:
    """The objective of an update of micro-batches, and its gradients by values and by variables."""
    floats = [value for value in values.values() if value.dtype.is_floating]
    with tf.GradientTape() as tape:
        for value in floats:
            tape.watch(value)
        parts = [{n: v if n in SHARED else v[cut] for n, v in values.items()} for cut in cuts]
        found = total([loss(part, step) for part in parts])
    sources = [*floats, *(variable.value for variable in loss.trainable_variables)]
    gradients = tape.gradient(found, sources, unconnected_gradients="zero")
    return found.numpy(), [tf.convert_to_tensor(gradient).numpy() for gradient in gradients]


def check_micro_batches(loss: Loss, layout: str) -> None:
    """k micro-batches give the value and the gradients of their union in one batch."""
    loss, values = fresh(loss), random_values(loss, layout)
    whole = measured(loss, values)
    parts = measured(loss, values, [slice(0, 1), slice(1, 4), slice(4, None)])
    np.testing.assert_allclose(parts[0], whole[0], rtol=1e-5)
    for part, gradient in zip(parts[1], whole[1], strict=True):
        np.testing.assert_allclose(part, gradient, rtol=1e-4, atol=1e-6)


def check_padding(loss: Loss, layout: str) -> None:
    """Rows and positions outside the mask change no term, and have no gradient."""
    loss, values = fresh(loss), random_values(loss, layout)
    other = random_values(loss, layout, seed=1)
    padded: Values = {}
    for name, value in values.items():
        if name in SHARED:
            padded[name] = value
            continue
        below = other[name][:2] if name != "mask" else tf.zeros_like(value[:2])
        joined = tf.concat([value, below], 0)
        if layout == "sequences" and joined.shape[1:2] == (LENGTH,):
            joined = tf.concat([joined, tf.zeros_like(joined) if name == "mask" else joined], 1)
        padded[name] = joined
    alone = loss(values, 0)
    for name, term in loss(padded, 0).items():
        np.testing.assert_allclose(term, alone[name], rtol=1e-5, err_msg=name)
    _, gradients = measured(loss, padded)
    floats = [name for name, value in values.items() if value.dtype.is_floating]
    for name, gradient in zip(floats, gradients, strict=False):
        assert name in SHARED or not gradient[ROWS:].any()


def check_nothing(loss: Loss, layout: str) -> None:
    """A batch without a real row counts for nothing."""
    loss, values = fresh(loss), random_values(loss, layout)
    values["mask"] = tf.zeros_like(values["mask"])
    assert all(float(term.sum) == float(term.weight) == 0 for term in loss(values, 0).values())
    assert not any(gradient.any() for gradient in measured(loss, values)[1])


def check_extremes(loss: Loss, layout: str) -> None:
    """Value and gradients are finite where outputs are large."""
    for scale in (50.0, 1e4):
        made = fresh(loss)
        found, gradients = measured(made, random_values(made, layout, scale=scale))
        assert np.isfinite(found) and all(np.isfinite(gradient).all() for gradient in gradients)


def check_precision(loss: Loss, layout: str) -> None:
    """Outputs of 16 bits are widened first: the terms are those of their values in float32."""
    loss, values = fresh(loss), random_values(loss, layout)
    for dtype in (tf.float16, tf.bfloat16):
        narrow = {n: tf.cast(v, dtype) if v.dtype.is_floating else v for n, v in values.items()}
        wide = {n: tf.cast(v, tf.float32) if v.dtype.is_floating else v for n, v in narrow.items()}
        expected = loss(wide, 0)
        for name, term in loss(narrow, 0).items():
            assert term.sum.dtype == term.weight.dtype == tf.float32
            np.testing.assert_array_equal(term, expected[name])


def check_compilation(loss: Loss, layout: str) -> None:
    """As a graph, and compiled by XLA, it gives what it gives outside, for a step that is a tensor.

    It takes as long as all other checks.
    """
    loss, values = fresh(loss), random_values(loss, layout)
    step, expected = tf.constant(7), measured(loss, values)[0]
    traced = tf.function(lambda given, step: total([loss(given, step)]), autograph=False)
    graph = traced.get_concrete_function(values, step)
    xla = tf.function(graph, jit_compile=True, autograph=False)
    for compiled in (graph, xla):
        np.testing.assert_allclose(compiled(values, step), expected, rtol=1e-5)


def operations(loss: Loss) -> tuple[object, ...]:
    """What tells objectives apart whose graphs have other operations: all options but numbers."""
    others = [v for v in loss.model_dump().values() if isinstance(v, bool) or not isinstance(v, int | float)]
    return (*map(repr, others),)


def check_state(loss: Loss, layout: str) -> None:
    """A copy that is built shares no variable with another, and training reaches every one."""
    one, two = fresh(loss), fresh(loss)
    assert not set(map(id, one.variables)) & set(map(id, two.variables))
    assert not loss.variables
    _, gradients = measured(one, random_values(one, layout))
    reached = gradients[len(gradients) - len(one.trainable_variables) :]
    weight = {name: term.coefficient for name, term in one(random_values(one, layout), 7).items()}
    assert all(gradient.any() for gradient in reached) or not all(weight.values())


CHECKS = (check_padding, check_nothing, check_extremes, check_precision, check_state)
