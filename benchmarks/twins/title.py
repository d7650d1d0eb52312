"""Twin of the writer of headlines: gated convolutions, GRUs, LSTMs, attention, prior and pointer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from twins.parts import EPSILON, Batch, Embedding, GatedConv, Weights, linear, masked, parameter, recurrent

HIDDEN = -1e9


class Title(nn.Module):
    def __init__(self, weights: Weights, options: Mapping[str, Any]) -> None:
        super().__init__()
        model = options["model"]
        assert not model["tied"] and model["noise"] is None
        self.embedding = Embedding(weights, model["embedding"])
        convolutions, reading = model["encoder"]
        self.blocks = nn.ModuleList(
            GatedConv(weights, f"encoder_0_{copy}", convolutions) for copy in range(convolutions["repeat"])
        )
        self.readers = nn.ModuleList(
            recurrent(weights, f"encoder_1_0/{direction}", reading["cell"])
            for direction in ("forward", "backward")
        )
        self.reader_drop = reading["dropout"]
        decoder, attention = model["decoder"], model["attention"]
        layers = decoder["layers"]
        self.writers = nn.ModuleList(
            recurrent(weights, f"decoder/recurrent_{i}", decoder["cell"]) for i in range(layers)
        )
        self.norms = nn.ModuleList(Modulated(weights, f"decoder/norm_{i}") for i in range(layers + 1))
        self.writer_drop, self.heads = decoder["dropout"], attention["heads"]
        self.query, self.key, self.value = (
            linear(weights, f"attention/{name}") for name in ("query", "key", "value")
        )
        self.hidden, self.projection = linear(weights, "hidden"), linear(weights, "projection")
        self.log_scale, self.shift = (parameter(weights.take(f"prior/{n}")) for n in ("log_scale", "shift"))
        self.pointer_query, self.pointer_key, self.gate = (
            linear(weights, f"pointer/{name}") for name in ("query", "key", "gate")
        )
        self.start = len(self.shift) - 2

    def forward(self, batch: Batch) -> Tensor:
        """The mean of -log p of the tokens, which are written or copied."""
        ids, mask, title, told = (batch[n] for n in ("char", "mask", "title.char", "title.mask"))
        x = self.embedding(ids, mask=mask)
        for block in self.blocks:
            x = block(x, mask)
        x = masked(F.dropout(self._read(x, mask), self.reader_drop, self.training), mask)
        summary = x.masked_fill(~mask[..., None], -torch.inf).amax(1)
        y = self.embedding(F.pad(title[:, :-1], (1, 0), value=self.start))
        y = self.norms[0](y, summary)
        for writer, norm in zip(self.writers, list(self.norms)[1:], strict=True):
            y = norm(writer(y)[0], summary)
        y = F.dropout(y, self.writer_drop, self.training)
        query, key, value = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2)
            for part in (self.query(y), self.key(x), self.value(x))
        )
        heads = F.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
        y = torch.cat([y, heads.transpose(1, 2).flatten(2)], -1)
        return (self._nll(y, x, batch) * told).sum() / told.sum()

    def _read(self, x: Tensor, mask: Tensor) -> Tensor:
        """Both directions, the backward one from the last real position.

        Rows are reversed within their lengths, which takes 0.7 of the time of a packed sequence.
        """
        length, place = mask.sum(1, keepdim=True), torch.arange(x.shape[1])
        reverse = torch.where(place < length, length - 1 - place, place)[..., None]
        ahead, back = self.readers
        found = back(x.take_along_dim(reverse, 1))[0].take_along_dim(reverse, 1)
        return torch.cat([ahead(x)[0], found], -1)

    def _nll(self, y: Tensor, x: Tensor, batch: Batch) -> Tensor:
        """-log p (B, S) of every token of the titles."""
        ids, mask, title = batch["char"], batch["mask"], batch["title.char"]
        logits = self.projection(F.leaky_relu(self.hidden(y), 0.2))
        found = torch.zeros(len(ids), logits.shape[-1])
        found.scatter_add_(1, batch["prior.char"], batch["prior.mask"].to(found.dtype))
        logits = (logits + (self.log_scale.exp() * found + self.shift)[:, None]) / 2
        written = F.cross_entropy(logits.flatten(0, 1), title.flatten(), reduction="none").view(title.shape)
        products = self.pointer_query(y) @ self.pointer_key(x).transpose(1, 2)
        products = products / self.pointer_key.out_features**0.5
        weights = products.masked_fill(~mask[:, None], HIDDEN).log_softmax(-1)
        same = (ids[:, None] == title[..., None]) & mask[:, None]
        copied = weights.masked_fill(~same, HIDDEN).logsumexp(-1)
        gate = self.gate(y)[..., 0]
        return -torch.logaddexp(F.logsigmoid(gate) - written, F.logsigmoid(-gate) + copied)


class Modulated(nn.Module):
    """Layer normalization with scale and offset from the summary of a text."""

    def __init__(self, weights: Weights, name: str) -> None:
        super().__init__()
        self.scale, self.offset = (
            nn.Sequential(linear(weights, f"{name}/{part}_0"), nn.ReLU(), linear(weights, f"{name}/{part}_1"))
            for part in ("scale", "offset")
        )

    def forward(self, y: Tensor, summary: Tensor) -> Tensor:
        normal = F.layer_norm(y, y.shape[-1:], eps=EPSILON)
        return normal * (1 + self.scale(summary)[:, None]) + self.offset(summary)[:, None]
