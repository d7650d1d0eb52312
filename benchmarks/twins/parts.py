"""Parts that several twins share: layers of PyTorch with weights of nlpx."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

Batch = Mapping[str, Tensor]
EPSILON = 1e-3
"""Of the layer normalization of Keras."""


class Weights:
    """The weights of a network by name, each of which a twin takes once.

    Args:
        arrays: from nlpx, float32.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self._arrays = dict(arrays)

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def take(self, name: str) -> Tensor:
        """The weight of this name, in the layout of Keras."""
        return torch.from_numpy(self._arrays.pop(name).copy())

    @property
    def left(self) -> list[str]:
        """The names of those that were not taken."""
        return list(self._arrays)


def parameter(values: Tensor) -> nn.Parameter:
    """A trained parameter with these values."""
    return nn.Parameter(values.contiguous())


def linear(weights: Weights, name: str) -> nn.Linear:
    """A dense layer, whose kernel Keras keeps transposed."""
    kernel = weights.take(f"{name}/kernel")
    layer = nn.Linear(*kernel.shape, bias=f"{name}/bias" in weights)
    layer.weight = parameter(kernel.T)
    if f"{name}/bias" in weights:
        layer.bias = parameter(weights.take(f"{name}/bias"))
    return layer


def convolution(weights: Weights, name: str, dilation: int = 1) -> nn.Conv1d:
    """A convolution that keeps the length."""
    kernel = weights.take(f"{name}/kernel")
    size, inputs, outputs = kernel.shape
    layer = nn.Conv1d(inputs, outputs, size, padding="same", dilation=dilation)
    layer.weight = parameter(kernel.permute(2, 1, 0))
    layer.bias = parameter(weights.take(f"{name}/bias"))
    return layer


def normalization(weights: Weights, name: str) -> nn.LayerNorm:
    """A layer normalization."""
    scale = weights.take(f"{name}/gamma")
    layer = nn.LayerNorm(len(scale), EPSILON)
    layer.weight, layer.bias = parameter(scale), parameter(weights.take(f"{name}/beta"))
    return layer


def recurrent(weights: Weights, name: str, cell: str) -> nn.LSTM | nn.GRU:
    """An LSTM or GRU over (B, T, D).

    The gates of a GRU are update, reset, candidate in Keras, in PyTorch reset, update, candidate; an LSTM has
    one bias in Keras, so that the second one of PyTorch stays 0.
    """
    kernel = weights.take(f"{name}/{cell}_cell/kernel")
    inner = weights.take(f"{name}/{cell}_cell/recurrent_kernel")
    bias = weights.take(f"{name}/{cell}_cell/bias")
    layer = (nn.LSTM if cell == "lstm" else nn.GRU)(*kernel.shape[:1], inner.shape[0], batch_first=True)
    biases = (bias, torch.zeros_like(bias)) if cell == "lstm" else tuple(bias)

    def ordered(values: Tensor) -> nn.Parameter:
        if cell == "lstm":
            return parameter(values)
        update, reset, candidate = values.chunk(3)
        return parameter(torch.cat([reset, update, candidate]))

    layer.weight_ih_l0, layer.weight_hh_l0 = ordered(kernel.T), ordered(inner.T)
    layer.bias_ih_l0, layer.bias_hh_l0 = map(ordered, biases)
    layer.bias_hh_l0.requires_grad_(cell == "gru")
    return layer


class Embedding(nn.Module):
    """Characters and bigrams, with dropout of elements and of bigrams; 0 outside the mask."""

    def __init__(self, weights: Weights, options: Mapping[str, Any]) -> None:
        super().__init__()
        self.characters = parameter(weights.take("embedding/characters/embeddings"))
        self.drop = options["dropout"]
        self.thin = [ngrams["dropout"] for ngrams in options.get("ngrams", [])]
        self.ngrams = nn.ParameterList(
            parameter(weights.take(f"embedding/ngrams_{i}/embeddings")) for i in range(len(self.thin))
        )

    def forward(self, ids: Tensor, ngrams: Sequence[Tensor] = (), mask: Tensor | None = None) -> Tensor:
        """(B, T) -> (B, T, D)."""
        vectors = [F.embedding(ids, self.characters)]
        for i, feature in enumerate(ngrams):
            rate = self.thin[i // 2]
            if self.training and rate:
                feature = feature * (torch.rand(feature.shape) >= rate)
            vectors.append(F.embedding(feature, self.ngrams[i // 2]))
        x = vectors[0] if len(vectors) == 1 else torch.cat(vectors, -1)
        return masked(F.dropout(x, self.drop, self.training), mask)


class ConvBlock(nn.Module):
    """dropout(relu(conv(x))), 0 outside the mask."""

    def __init__(self, weights: Weights, name: str, options: Mapping[str, Any]) -> None:
        super().__init__()
        self.conv = convolution(weights, f"{name}/conv", options["dilation_rate"])
        self.drop = options["dropout"]
        assert options["activation"] == "relu" and not options["residual"] and not options["normalize"]

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        y = F.relu(self.conv(x.transpose(1, 2)).transpose(1, 2))
        return masked(F.dropout(y, self.drop, self.training), mask)


class GatedConv(nn.Module):
    """x * sigmoid(g) + v * sigmoid(-g), or x + v * sigmoid(g)."""

    def __init__(self, weights: Weights, name: str, options: Mapping[str, Any]) -> None:
        super().__init__()
        self.norm = normalization(weights, f"{name}/norm") if options["normalize"] else None
        self.conv = convolution(weights, f"{name}/conv", options["dilation_rate"])
        self.drop = options["dropout"]
        self.highway = options["gate"] == "highway"

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        seen = masked(x if self.norm is None else self.norm(x), mask)
        gate, value = self.conv(seen.transpose(1, 2)).transpose(1, 2).chunk(2, -1)
        value = F.dropout(value, self.drop, self.training)
        if self.highway:
            return masked(x + (value - x) * torch.sigmoid(-gate), mask)
        return masked(x + value * torch.sigmoid(gate), mask)


def masked(x: Tensor, mask: Tensor | None) -> Tensor:
    """x (B, T, D), 0 outside the mask (B, T)."""
    return x if mask is None else x * mask[..., None]


def pooled(x: Tensor, mask: Tensor) -> Tensor:
    """Mean and maximum over the mask: (B, T, D) -> (B, 2 D)."""
    mean = masked(x, mask).sum(1) / mask.sum(1, keepdim=True)
    return torch.cat([mean, x.masked_fill(~mask[..., None], -torch.inf).amax(1)], -1)
