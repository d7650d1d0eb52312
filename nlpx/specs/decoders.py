"""Decoders: how scores become an answer."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from nlpx.components.rhymes.base import Rhymes
from nlpx.core.component import Split
from nlpx.core.options import InputFile, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt


class DecoderSpec(Split):
    """The base of every decoder."""

    kind: ClassVar[str] = "decoder"


Decoder = DecoderSpec


class Argmax(DecoderSpec):
    """The best character of every position by itself, never the input character of that position.

    Options: none.
    Shapes: log-probabilities (T, U) -> T characters.
    Data: upper lines of couplets.
    Relations: the original decoder; it cannot copy punctuation. Blanks are copied, as the task does that.
    Reference: kexue.fm archive 6270.
    Example:
        decode: {type: argmax}
    """

    implementation: ClassVar[str] = "nlpx.decoding.couplet_argmax:CoupletArgmax"
    needs: ClassVar[frozenset[str]] = frozenset({"line", "logits"})

    type: Literal["argmax"] = "argmax"


class CoupletRules(DecoderSpec):
    """The most probable lower line that keeps the four rules of couplets.

    Punctuation is copied, and so are blanks, by the task. No other character of the upper line is used, equal
    characters answer equal characters, different ones different ones: an exact assignment of answers to the
    distinct upper characters that maximises the sum of log-probabilities.

    Options: none.
    Shapes: log-probabilities (T, U) -> T characters.
    Data: upper lines of couplets.
    Relations: the four numbers of the metric rule_violations are 0 by construction.
    Reference: rules measured on the public couplet corpus; assignment: Kuhn 1955, Munkres 1957.
    Example:
        decode: {type: couplet_rules}
    """

    implementation: ClassVar[str] = "nlpx.decoding.couplet_rules:CoupletRulesDecoder"
    needs: ClassVar[frozenset[str]] = frozenset({"line", "logits"})

    type: Literal["couplet_rules"] = "couplet_rules"


class Viterbi(DecoderSpec):
    """The best tag sequence of a CRF, or of a softmax head under the legal transitions of the tag scheme.

    Options:
        dictionary: file with lines `word<TAB>factor` (or `word,factor`): at every occurrence of the word, the
            probabilities of the tags that make it one word are multiplied by the factor; below 1 it is split.
            Relative to the config that names it, or to the current folder in `--set`.
    Shapes: scores (T, K) -> T tags.
    Data: sentences.
    Relations: for segmentation.
    Reference: Viterbi 1967; hard decoding: kexue.fm archive 4195.
    Example:
        decode: {type: viterbi, dictionary: my_words.tsv}
    """

    implementation: ClassVar[str] = "nlpx.decoding.segmentation:SegmentationDecoder"
    needs: ClassVar[frozenset[str]] = frozenset({"tags"})

    type: Literal["viterbi"] = "viterbi"
    dictionary: InputFile | None = None

    def prepare(self) -> Self:
        from nlpx.text.dictionary import UserDictionary

        if self.dictionary is not None:
            UserDictionary.load(self.dictionary)
        return super().prepare()


class Verse(DecoderSpec):
    """The most probable verse for a latent vector, or a sampled one, that keeps the rules asked for.

    argmax: max over injective x of sum_t log p(x_t | z); sample: the same with log p(x_t | z) / softness plus
    Gumbel noise, which without `distinct` draws from the softmax of every position. With `rhymes`, over
    those x whose second and fourth line end in different characters of one class.

    Options:
        temperature: latent vectors are drawn from N(0, temperature^2); below 1 verses are more ordinary.
        choose: argmax or sample.
        softness: temperature of sample.
        distinct: no character twice in a verse, by an exact assignment.
        rhymes: the classes of characters that rhyme; empty asks for no rhyme. For quatrains.
        candidates: latent vectors among which one is drawn that suits an opening.
        seed: of openings and of the verses that evaluation composes; `nlpx predict --seed` has its own.
    Shapes: log-probabilities (T, U) -> T characters.
    Data: verses.
    Relations: for poem. The metrics novelty and rhyme measure verses of this decoder.
    Reference: kexue.fm archive 5332; assignment: Kuhn 1955, Munkres 1957.
    Example:
        decode: {type: verse, temperature: 0.8}
    """

    implementation: ClassVar[str] = "nlpx.decoding.verse:VerseDecoder"
    needs: ClassVar[frozenset[str]] = frozenset({"latent"})

    type: Literal["verse"] = "verse"
    temperature: NonNegativeFloat = 1.0
    choose: Literal["argmax", "sample"] = "argmax"
    softness: PositiveFloat = 1.0
    distinct: bool = True
    rhymes: Rhymes | None = None
    candidates: PositiveInt = 512
    seed: NonNegativeInt = 0


class WritingDecoderSpec(DecoderSpec):
    """The base of decoders that write an answer character by character."""

    min_length: NonNegativeInt = 1
    max_length: PositiveInt = 64
    block_ngrams: NonNegativeInt = 0

    @model_validator(mode="after")
    def _ends_in_time(self) -> Self:
        if self.min_length >= self.max_length:
            raise ValueError(
                f"no answer can end: min_length is {self.min_length}, and with the end max_length "
                f"is {self.max_length}; expected min_length below max_length"
            )
        return self


class Beam(WritingDecoderSpec):
    """Beam search: the answer with the greatest log p / length^alpha among those that a beam meets.

    The text is encoded once; all rows and beams advance together in one compiled loop that carries the states
    of the decoder. A finished answer keeps its place in the beam and is never extended.

    Options:
        size: hypotheses of every row; 1 is greedy decoding.
        alpha: exponent of the length; 0 compares plain log-probabilities and prefers short answers.
        min_length: characters before the end.
        max_length: most characters, the end counted as one.
        block_ngrams: n; no n-gram of characters comes twice in an answer. 0 blocks nothing.
    Shapes: texts (B, T) -> (B, at most max_length) characters.
    Data: any text.
    Relations: the original kept 3 beams, with alpha 0, and ran the whole model again for every character.
    Reference: Sutskever et al. 2014, arXiv 1409.3215; Wu et al. 2016, arXiv 1609.08144; kexue.fm archives
        5861 and 7259.
    Example:
        decode: {type: beam, size: 4, alpha: 1.0, max_length: 48}
    """

    implementation: ClassVar[str] = "nlpx.decoding.beam_search:BeamSearch"
    needs: ClassVar[frozenset[str]] = frozenset({"next_token"})

    type: Literal["beam"] = "beam"
    size: PositiveInt = 4
    alpha: NonNegativeFloat = 1.0


class Sample(WritingDecoderSpec):
    """Draws every character from the model's distribution, restricted to the most probable ones.

    Options:
        top_k: keep this many characters; empty keeps all.
        top_p: keep the fewest characters whose probabilities sum to this.
        temperature: below 1 probable characters become more so, above 1 less.
        seed: of the draw; the same seed and text give the same answer.
        min_length: characters before the end.
        max_length: most characters, the end counted as one.
        block_ngrams: n; no n-gram of characters comes twice in an answer. 0 blocks nothing.
    Shapes: texts (B, T) -> (B, at most max_length) characters.
    Data: any text.
    Relations: top_k 1 is greedy decoding.
    Reference: Fan et al. 2018, arXiv 1805.04833 (k); Holtzman et al. 2020, arXiv 1904.09751 (p).
    Example:
        decode: {type: sample, top_p: 0.8, seed: 7}
    """

    implementation: ClassVar[str] = "nlpx.decoding.sampling:Sampling"
    needs: ClassVar[frozenset[str]] = frozenset({"next_token"})

    type: Literal["sample"] = "sample"
    top_k: PositiveInt | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.9
    temperature: PositiveFloat = 1.0
    seed: NonNegativeInt = 2026
