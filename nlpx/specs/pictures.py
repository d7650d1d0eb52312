"""Components of classifiers of pictures: their source, loss, decoder and metrics."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from nlpx.core.options import NonNegativeFloat, PositiveInt, Rate
from nlpx.specs.decoders import DecoderSpec
from nlpx.specs.losses import LossSpec
from nlpx.specs.sources import CorpusPath, RowType, SplitFiles


class Folders(SplitFiles):
    """Pictures: a folder with one folder of files per class, or a list `path<TAB>class` of files.

    Options:
        train: folder or list.
        valid: the same for the split valid; empty takes `holdout_share` of every class of train.
        test: the same for the split test; empty means there is none.
        holdout: always 0; a share is held out, of every class by itself.
        holdout_share: share of every class that is held out as the split valid: those pictures whose names
            have the smallest hashes, at least one, and at least one is left.
        pseudo: folder or list of further training pictures, whose classes a run has guessed (`nlpx data
            label` writes such a list). They are never held out and add no class; one that shows a picture
            of train, valid or test pixel by pixel is a bad row.
    Shapes: pictures with a class.
    Data: JPEG, PNG, GIF, BMP, TIFF or WebP of at most 100,000,000 pixels, grey, transparent and CMYK too.
        Every file of the folders must be an image (but for names that begin with a dot); a class has at
        least two. Paths of a list are relative to its folder.
    Relations: for dogs; needs the extra `images`.
    Reference: the layout of Stanford Dogs (Khosla et al. 2011) and of most collections.
    Example:
        data:
          root: corpora
          source: {type: folders, train: dogs/train, holdout_share: 0.1}
    """

    implementation: ClassVar[str] = "nlpx.data.sources.folders:FoldersSource"
    extra: ClassVar[str] = "images"
    row: ClassVar[RowType | None] = "picture"
    reads_folders: ClassVar[bool] = True
    holds_out: ClassVar[str] = "`holdout_share: 0.1`"

    type: Literal["folders"] = "folders"
    holdout: Literal[0] = 0
    holdout_share: Rate = 0.0
    pseudo: CorpusPath | None = None

    @model_validator(mode="after")
    def _one_valid(self) -> Folders:
        if self.valid and self.holdout_share:
            raise PydanticCustomError(
                "two_valids", "valid has a folder of its own: remove it, or holdout_share"
            )
        return self

    def files(self, split: str) -> list[str]:
        return [self.pseudo] if split == "pseudo" and self.pseudo else super().files(split)

    def has(self, split: str) -> bool:
        return (split == "valid" and self.holdout_share > 0) or super().has(split)


class CentredCrossEntropy(LossSpec):
    """Cross entropy of two heads, and the distance of a feature to the centre of its class.

    loss = mean(CE_main + a CE_aux + b |f - C_y|^2), the distance summed over the feature's elements

    Options:
        auxiliary: a.
        centre: b; the centres C, one for each class, are learnt by the same optimizer.
        label_smoothing: e in the target distribution (1 - e) * one-hot + e * uniform of both heads.
    Shapes: logits (B, U) twice, squared distances (B,), labels (B,) int -> sum and number of pictures.
    Data: one class a picture.
    Relations: batches with two pictures of a class (train.order: pairs) give the centres a pull.
    Reference: kexue.fm archives 4493 and 4611; Wen et al. 2016.
    Example:
        loss: {type: centred_cross_entropy, auxiliary: 0.25, centre: 0.25}
    """

    implementation: ClassVar[str] = "nlpx.losses.centred_cross_entropy:CentredCrossEntropy"
    needs: ClassVar[frozenset[str]] = frozenset({"logits", "auxiliary_logits", "feature", "target"})

    type: Literal["centred_cross_entropy"] = "centred_cross_entropy"
    auxiliary: NonNegativeFloat = 0.25
    centre: NonNegativeFloat = 0.25
    label_smoothing: Rate = 0.0

    @property
    def unit(self) -> str:
        return "pictures"


class Blend(DecoderSpec):
    """The most probable classes under a mixture of both heads: p = alpha p_main + (1 - alpha) p_aux.

    Options:
        alpha: share of the main head. Empty: 1 while training goes on, and then what makes the most answers
            right on the split valid (of 0, .01, ..., 1; of equals the greatest); it is kept in the run.
        top: how many classes an answer names.
    Shapes: log-probabilities (B, U) twice -> probabilities (B, U).
    Data: pictures.
    Relations: with alpha 1 the auxiliary head only regularizes.
    Reference: kexue.fm archive 4611.
    Example:
        decode: {type: blend, top: 5}
    """

    implementation: ClassVar[str] = "nlpx.decoding.blend:BlendDecoder"
    needs: ClassVar[frozenset[str]] = frozenset({"logits", "auxiliary_logits"})

    type: Literal["blend"] = "blend"
    alpha: Annotated[float, Field(ge=0, le=1)] | None = None
    top: PositiveInt = 5
