"""Twin of the classifier of reviews: convolutions over characters and bigrams, mean and maximum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from twins.parts import Batch, ConvBlock, Embedding, Weights, linear, pooled


class Sentiment(nn.Module):
    def __init__(self, weights: Weights, options: Mapping[str, Any]) -> None:
        super().__init__()
        model = options["model"]
        self.embedding = Embedding(weights, model["embedding"])
        (block,) = model["encoder"]
        self.block = ConvBlock(weights, "encoder_0_0", block)
        self.hidden = linear(weights, "hidden")
        self.drop = model["dropout"]
        self.head = linear(weights, "head")

    def forward(self, batch: Batch) -> Tensor:
        """The mean cross entropy of the two classes."""
        mask = batch["mask"]
        x = self.embedding(batch["char"], [batch["ngram2_end"], batch["ngram2_begin"]], mask)
        x = pooled(self.block(x, mask), mask)
        x = F.relu(F.dropout(self.hidden(x), self.drop, self.training))
        logits = self.head(x)[:, 0]
        return F.binary_cross_entropy_with_logits(logits, batch["label"].to(logits.dtype))
