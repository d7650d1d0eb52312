"""What a posterior is."""

from __future__ import annotations

from typing import ClassVar

from nlpx.core.component import Split


class Posterior(Split):
    """The base of every posterior of a variational autoencoder.

    The layer is given the options, a `name` and `units`, the width of the latent vector. It is called as
    layer(h, rows=rows, training=training) with h (B, D), rows (B,) bool, which says which rows are real, and
    gives mean and log_var, (B, units) float32 each.
    """

    kind: ClassVar[str] = "posterior"
