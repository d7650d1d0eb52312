"""Base class of posteriors."""

from __future__ import annotations

from typing import ClassVar

from nlpx.core.component import Split


class Posterior(Split):
    """Base class of posteriors of a variational autoencoder.

    The layer is constructed with the options, a `name` and `units`, the width of the latent vector. It is
    called as layer(h, rows=rows, training=training) with h (B, D) and rows (B,) bool, which marks the real
    rows, and returns mean and log_var, (B, units) float32 each.
    """

    kind: ClassVar[str] = "posterior"
