"""Twin of the sentence encoder: a bag of characters and bigrams, ranked against the rest of the batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from twins.parts import Batch, Embedding, Weights, linear, pooled

FAR = -1e9


class Similarity(nn.Module):
    def __init__(self, weights: Weights, options: Mapping[str, Any]) -> None:
        super().__init__()
        self.embedding = Embedding(weights, options["model"]["embedding"])
        self.projection = linear(weights, "projection")
        self.scale = options["loss"]["scale"]

    def forward(self, batch: Batch) -> Tensor:
        """The mean over sentences of the cross entropy of partners among the sentences of other groups."""
        mask, groups = batch["mask"], batch["group"]
        ngrams = [batch["ngram2_end"], batch["ngram2_begin"]]
        x = pooled(self.embedding(batch["char"], ngrams, mask), mask)
        vectors = F.normalize(self.projection(x), dim=-1)
        scores = self.scale * (vectors @ vectors.T)
        same = groups[:, None] == groups
        partner = same & ~torch.eye(len(groups), dtype=torch.bool)
        others = torch.logsumexp(scores.masked_fill(same, FAR), 1, keepdim=True)
        losses = (F.softplus(others - scores) * partner).sum(1) / partner.sum(1)
        return losses.mean()
