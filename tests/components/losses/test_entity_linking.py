"""The joint objective of entity linking, in float64."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.losses.entity_linking import EntityLinking


def test_terms_by_numpy() -> None:
    rng = np.random.default_rng(0)
    mask = np.arange(4) < np.array([4, 2, 0])[:, None]
    shapes = {"start": (3, 4), "end": (3, 4, 2), "link": (3,)}
    logits = {name: rng.normal(size=shape) * 3 for name, shape in shapes.items()}
    targets = {name: rng.integers(0, 2, shape) for name, shape in shapes.items()}
    possible = rng.integers(0, 2, (3, 4, 2)).astype(bool)
    sampled = np.array([True, False, True])
    values = {"mask": mask, "end_possible": possible, "link_sampled": sampled}
    values |= {f"{name}_logit": x.astype(np.float32) for name, x in logits.items()}
    values |= {f"{name}_target": y.astype(np.int32) for name, y in targets.items()}
    found = EntityLinking(end=0.5, link=2.0)({name: tf.constant(x) for name, x in values.items()}, 0)
    real = {
        "start": mask,
        "end": possible & mask[..., None],
        "link": sampled & mask.any(1),
    }
    for (name, term), coefficient in zip(found.items(), (1, 0.5, 2), strict=True):
        p = 1 / (1 + np.exp(-logits[name]))
        losses = -np.log(np.where(targets[name] == 1, p, 1 - p))
        assert float(term.sum) == pytest.approx(losses[real[name]].sum(), rel=1e-5)
        assert (float(term.weight), float(term.coefficient)) == (real[name].sum(), coefficient)
