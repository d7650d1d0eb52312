"""Twin of the segmenter: convolutions and a CRF with a gradient of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from twins.parts import Batch, ConvBlock, Embedding, Weights, linear, parameter

FORBIDDEN = -1e9
LEGAL = {
    "moves": [[1.0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0]],
    "start": [1.0, 1, 0, 0],
    "stop": [1.0, 0, 0, 1],
}
"""Of the tags single, begin, middle, end: which may follow which, begin and end a sentence."""


class Segmentation(nn.Module):
    def __init__(self, weights: Weights, options: Mapping[str, Any]) -> None:
        super().__init__()
        model = options["model"]
        self.embedding = Embedding(weights, model["embedding"])
        self.blocks = nn.ModuleList(
            ConvBlock(weights, f"encoder_{i}_{copy}", block)
            for i, block in enumerate(model["encoder"])
            for copy in range(block["repeat"])
        )
        self.emissions = linear(weights, "head/emissions")
        self.transitions = parameter(weights.take("head/crf/transitions"))
        head = model["head"]
        assert head["constrain"] and not head["use_start"] and not head["use_stop"]
        for name, allowed in LEGAL.items():
            self.register_buffer(name, torch.tensor(allowed).log().clamp(min=FORBIDDEN))

    def forward(self, batch: Batch) -> Tensor:
        """-log P(target) by character."""
        mask, tags = batch["mask"], batch["target"]
        x = self.embedding(batch["char"], mask=mask)
        for block in self.blocks:
            x = block(x, mask)
        emissions = self.emissions(x)
        transitions = self.transitions.where(self.moves == 0, FORBIDDEN)
        partition = log_partition(emissions, transitions, self.start, self.stop, mask)
        real = mask.to(emissions.dtype)
        chosen = (emissions.gather(2, tags[..., None])[..., 0] * real).sum()
        moves = (transitions[tags[:, :-1], tags[:, 1:]] * real[:, 1:]).sum()
        last = tags.gather(1, mask.sum(1, keepdim=True) - 1)[:, 0]
        ends = self.start[tags[:, 0]].sum() + self.stop[last].sum()
        return (partition.sum() - chosen - moves - ends) / real.sum()


@torch.compiler.disable  # type: ignore[untyped-decorator]  # not installed where this is checked
def log_partition(
    emissions: Tensor, transitions: Tensor, start: Tensor, stop: Tensor, mask: Tensor
) -> Tensor:
    """log Z of every row (B,); compiling the steps of its loops one by one would take minutes."""
    found, *_ = LogPartition.apply(emissions, transitions, start, stop, mask)
    return found


class LogPartition(torch.autograd.Function):
    """log Z of every row (B,) by the scaled forward recursion, with its gradient by the backward one.

    Faster than differentiating the recursion, which pytorch-crf does.
    """

    @staticmethod
    def forward(
        emissions: Tensor, transitions: Tensor, start: Tensor, stop: Tensor, mask: Tensor
    ) -> tuple[Tensor, ...]:
        peaks = emissions.amax(2, keepdim=True)
        scores = (emissions - peaks).exp().transpose(0, 1)
        moves, real = transitions.exp(), mask.T[..., None]
        before = scores[0] * start.exp()
        alphas, scales = [], []
        for t in range(scores.shape[0]):
            now = before if t == 0 else torch.where(real[t], (before @ moves) * scores[t], before)
            scale = now.sum(1, keepdim=True)
            before = now / scale
            alphas.append(before)
            scales.append(scale)
        final = before @ stop.exp()
        logs = torch.stack(scales).log().sum(0)[:, 0] + final.log()
        return logs + (peaks[..., 0] * mask).sum(1), torch.stack(alphas), torch.stack(scales), scores

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: tuple[Tensor, ...]) -> None:
        _, alphas, scales, scores = output
        _, transitions, _, stop, mask = inputs
        ctx.mark_non_differentiable(alphas, scales, scores)
        ctx.save_for_backward(transitions, stop, mask, alphas, scales, scores)

    @staticmethod
    def backward(ctx: Any, upstream: Tensor, *_: Any) -> tuple[Tensor | None, ...]:
        transitions, stop, mask, alphas, scales, scores = ctx.saved_tensors
        moves, real, length = transitions.exp(), mask.T[..., None], len(scores)
        beta = stop.exp() / (alphas[-1] @ stop.exp())[:, None]
        final = alphas[-1] * beta
        betas, arriving = [beta], []
        for t in range(length - 1, 0, -1):
            arrived = scores[t] * beta / scales[t]
            beta = torch.where(real[t], arrived @ moves.T, beta)
            arriving.append(arrived)
            betas.append(beta)
        marginals = alphas * torch.stack(betas[::-1]) * real * upstream[:, None]
        arrived = torch.stack(arriving[::-1]) * real[1:] * upstream[:, None]
        expected = moves * torch.einsum("tbi,tbj->ij", alphas[:-1], arrived)
        return marginals.transpose(0, 1), expected, marginals[0].sum(0), upstream @ final, None
