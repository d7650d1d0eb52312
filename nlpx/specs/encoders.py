"""Encoders: layers that turn a sequence of vectors into another of the same length."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.core.component import Split
from nlpx.core.options import NonNegativeFloat, PositiveFloat, PositiveInt, Rate


class EncoderSpec(Split):
    """The base of every encoder. `repeat` stacks the block, each copy with its own weights."""

    kind: ClassVar[str] = "encoder"
    structural: ClassVar[frozenset[str]] = frozenset({"type", "repeat"})

    repeat: PositiveInt = 1

    def width(self, inputs: int) -> int | None:
        """Width of the block's output for an input of width `inputs`; None where the spec does not know.

        Raises:
            ValueError: the block cannot take an input of this width.
        """
        return None


Encoder = EncoderSpec


class GatedConv(EncoderSpec):
    """Gated convolution block: a convolution proposes, a gate decides how much of it replaces the input.

    [g, v] = conv(x);  highway: y = x * sigmoid(g) + v * sigmoid(-g);  residual_glu: y = x + v * sigmoid(g)

    Options:
        filters: output width; both gates add the input, so it must be that of the input, which empty takes.
        kernel_size: positions a convolution sees.
        dilation_rate: distance between these positions.
        gate: highway (the original couplet model) or residual_glu (the original poem model).
        dropout: share of the candidate v that is dropped in training.
        normalize: layer normalization of the input of the convolution.
        gate_noise: e in a gate multiplied by 1 + U(-e, e) in training (the DGCNN regulariser).
        use_bias: add a bias to the convolution; the original poem model has none.
        repeat: number of such blocks in a row, each with its own weights.
    Shapes: (B, T, D) -> (B, T, D); positions outside the mask give 0 and are seen as 0.
    Data: any sequence; six blocks of kernel 3 see 13 positions.
    Relations: with a centre tap moved by the identity matrix, highway equals residual_glu up to the gate's
        sign.
    Reference: kexue.fm archives 6270 and 5409; Dauphin et al. 2017, arXiv 1612.08083.
    Example:
        model:
          encoder:
            - {type: gated_conv, kernel_size: 3, repeat: 6}
    """

    implementation: ClassVar[str] = "nlpx.layers.gated_conv:GatedConv1D"

    type: Literal["gated_conv"] = "gated_conv"
    filters: PositiveInt | None = None
    kernel_size: PositiveInt = 3
    dilation_rate: PositiveInt = 1
    gate: Literal["highway", "residual_glu"] = "highway"
    dropout: Rate = 0.0
    normalize: bool = False
    gate_noise: NonNegativeFloat = 0.0
    use_bias: bool = True

    def width(self, inputs: int) -> int:
        if self.filters not in (None, inputs):
            raise ValueError(f"a gate adds the input, which is {inputs} wide, to {self.filters} filters")
        return inputs


class Conv(EncoderSpec):
    """Convolution block: y = activation(conv(x)), optionally with dropout, layer normalization, a residual.

    Options:
        filters: output width.
        kernel_size: positions a convolution sees.
        dilation_rate: distance between these positions.
        activation: function applied to the convolution's output.
        dropout: share of the output that is dropped in training.
        residual: add the input to the output; both then need the same width.
        normalize: layer normalization of the input of the convolution.
        repeat: number of such blocks in a row, each with its own weights.
    Shapes: (B, T, D) -> (B, T, filters); positions outside the mask give 0 and are seen as 0.
    Data: any sequence.
    Relations: three of 128 filters are the encoder of the original segmenter.
    Reference: kexue.fm archive 5542.
    Example:
        model:
          encoder:
            - {type: conv, filters: 128, kernel_size: 3, repeat: 3}
    """

    implementation: ClassVar[str] = "nlpx.layers.conv:ConvBlock"

    type: Literal["conv"] = "conv"
    filters: PositiveInt = 128
    kernel_size: PositiveInt = 3
    dilation_rate: PositiveInt = 1
    activation: Literal["relu", "gelu", "silu", "tanh", "linear"] = "relu"
    dropout: Rate = 0.0
    residual: bool = False
    normalize: bool = False

    def width(self, inputs: int) -> int:
        if self.residual and self.filters != inputs:
            raise ValueError(f"a residual adds the input, which is {inputs} wide, to {self.filters} filters")
        return self.filters


class Bidirectional(EncoderSpec):
    """Two recurrent layers, one reading forwards and one backwards from the last real position.

    Options:
        units: width of each direction.
        cell: lstm or gru.
        merge: concat gives 2 * units, sum gives units.
        dropout: share of the output that is dropped in training.
        repeat: number of such layers in a row, each with its own weights.
    Shapes: (B, T, D) -> (B, T, 2 * units) or (B, T, units); positions outside the mask give 0.
    Data: any sequence; a padded row gives what the row gives alone.
    Relations: several times slower on a CPU than a convolution of the same width.
    Reference: Hochreiter and Schmidhuber 1997; Cho et al. 2014; kexue.fm archive 3924.
    Example:
        model:
          encoder:
            - {type: bidirectional, cell: lstm, units: 64, merge: sum}
    """

    implementation: ClassVar[str] = "nlpx.layers.recurrent:BidirectionalRNN"

    type: Literal["bidirectional"] = "bidirectional"
    units: PositiveInt = 64
    cell: Literal["lstm", "gru"] = "lstm"
    merge: Literal["concat", "sum"] = "concat"
    dropout: Rate = 0.0

    def width(self, inputs: int) -> int:
        return self.units * (2 if self.merge == "concat" else 1)


class LayerNorm(EncoderSpec):
    """Layer normalization of every position: y = g * (x - mean) / sqrt(variance + epsilon) + b.

    Options:
        epsilon: added to the variance.
        repeat: number of such layers in a row; more than one is of no use.
    Shapes: (B, T, D) -> (B, T, D); positions outside the mask give 0.
    Data: any sequence.
    Relations: stands before recurrent layers; convolutions have the option `normalize`.
    Reference: Ba et al. 2016, arXiv 1607.06450.
    Example:
        model:
          encoder:
            - layer_norm
            - {type: bidirectional, units: 64}
    """

    implementation: ClassVar[str] = "nlpx.layers.layer_norm:LayerNormBlock"

    type: Literal["layer_norm"] = "layer_norm"
    epsilon: PositiveFloat = 1e-3

    def width(self, inputs: int) -> int:
        return inputs


class SelfAttention(EncoderSpec):
    """Block of a transformer: every position looks at all others; then two dense layers work on it.

    h = x + attention(norm(x));  y = h + W_2 gelu(W_1 norm(h))

    Options:
        heads: each sees its own part of the width, which they must divide.
        expansion: width of the layer between the dense ones, as a multiple of the input's.
        dropout: share of both outputs, and of the attention, that is dropped in training.
        positions: add sines and cosines of the place to the input; the first block needs it to see order.
        repeat: number of such blocks in a row, each with its own weights.
    Shapes: (B, T, D) -> (B, T, D); positions outside the mask give 0 and are not looked at.
    Data: any sequence; time and memory grow with the square of its length.
    Relations: a learning rate that warms up helps: optimizer.schedule.warmup_steps.
    Reference: Vaswani et al. 2017, arXiv 1706.03762; kexue.fm archive 4765.
    Example:
        model:
          encoder:
            - {type: self_attention, heads: 4, positions: true}
            - {type: self_attention, heads: 4}
    """

    implementation: ClassVar[str] = "nlpx.layers.self_attention:SelfAttention"

    type: Literal["self_attention"] = "self_attention"
    heads: PositiveInt = 4
    expansion: PositiveInt = 4
    dropout: Rate = 0.0
    positions: bool = False

    def width(self, inputs: int) -> int:
        if inputs % self.heads:
            raise ValueError(f"{self.heads} heads do not divide the input, which is {inputs} wide")
        return inputs
