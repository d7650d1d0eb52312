"""Twin of the variational autoencoder of verses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from twins.parts import Batch, Embedding, GatedConv, Weights, linear, parameter


class Poem(nn.Module):
    def __init__(self, weights: Weights, options: Mapping[str, Any]) -> None:
        super().__init__()
        model = options["model"]
        self.embedding = Embedding(weights, model["embedding"])
        self.encoder, self.decoder = (
            nn.ModuleList(
                GatedConv(weights, f"{part}_{i}_{copy}", block)
                for i, block in enumerate(model[part])
                for copy in range(block["repeat"])
            )
            for part in ("encoder", "decoder")
        )
        self.mean, self.log_var = linear(weights, "posterior/mean"), linear(weights, "posterior/log_var")
        self.expand = linear(weights, "expand")
        self.bias = parameter(weights.take("head/bias"))
        self.drop = model["dropout"]
        self.anneal = options["loss"]["anneal"]

    def forward(self, batch: Batch) -> Tensor:
        """The negative evidence lower bound by row, of the first update; without training, z is the mean."""
        ids = batch["char"]
        x = self.embedding(ids)
        for block in self.encoder:
            x = block(x)
        x = x.flatten(1)
        mean, log_var = self.mean(x), self.log_var(x)
        z = mean + (0.5 * log_var).exp() * torch.randn_like(mean) if self.training else mean
        x = self.expand(z).unflatten(1, (ids.shape[1], -1))
        for block in self.decoder:
            x = block(x)
        x = F.dropout(x, self.drop, self.training)
        logits = F.linear(x.flatten(0, 1), self.embedding.characters, self.bias)
        reconstruction = F.cross_entropy(logits, ids.flatten(), reduction="sum")
        kl = -0.5 * (1 + log_var - mean.square() - log_var.exp()).sum()
        return (reconstruction + kl / self.anneal) / len(ids)
