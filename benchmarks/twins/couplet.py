"""Twin of the couplet tagger: gated convolutions and a softmax over all characters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from twins.parts import Batch, Embedding, GatedConv, Weights, linear


class Couplet(nn.Module):
    def __init__(self, weights: Weights, options: Mapping[str, Any]) -> None:
        super().__init__()
        model = options["model"]
        self.embedding = Embedding(weights, model["embedding"])
        (block,) = model["encoder"]
        self.blocks = nn.ModuleList(
            GatedConv(weights, f"encoder_0_{copy}", block) for copy in range(block["repeat"])
        )
        self.head = linear(weights, "head/projection")

    def forward(self, batch: Batch) -> Tensor:
        """The mean cross entropy of the targets."""
        mask = batch["mask"]
        x = self.embedding(batch["char"], mask=mask)
        for block in self.blocks:
            x = block(x, mask)
        losses = F.cross_entropy(self.head(x).flatten(0, 1), batch["target"].flatten(), reduction="none")
        return (losses * mask.flatten()).sum() / mask.sum()
