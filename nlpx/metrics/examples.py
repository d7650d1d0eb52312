"""What metrics compare: a row of a split and the answer to it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from nlpx.text.blanks import without_blanks


@dataclass(frozen=True, slots=True)
class _Example:
    """What all kinds of examples share."""

    def to_json(self) -> dict[str, object]:
        """The fields by name: a line of the predictions file."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class CoupletExample(_Example):
    """An upper line with the lower line of the corpus and that of the model.

    Attributes:
        upper: the line that was asked.
        reference: the lower line of the corpus; as many characters as `upper`.
        answer: the lower line of the model; as many characters as `upper`.
        nll: -log p(reference | upper) in nats, summed over the characters that are no blanks.
        characters: how many characters `nll` sums over.
        group: names of the parts of the split that it is also counted in.
    """

    upper: str
    reference: str
    answer: str
    nll: float
    characters: int
    group: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lengths = len(self.upper), len(self.reference), len(self.answer)
        if len(set(lengths)) > 1:
            raise ValueError(f"upper, reference and answer must be equally long; got {lengths} characters")

    @property
    def bare(self) -> CoupletExample:
        """The same without blanks, which are copied, so that they say nothing of the model."""
        upper = without_blanks(self.upper)
        if len(upper) == len(self.upper):
            return self
        reference, answer = without_blanks(self.reference), without_blanks(self.answer)
        return replace(self, upper=upper, reference=reference, answer=answer)


@dataclass(frozen=True, slots=True)
class SegmentationExample(_Example):
    """A sentence with the words of the corpus and those of the model.

    Attributes:
        text: the sentence as it was written.
        reference: its words in the corpus.
        answer: its words by the model.
        nll: -log P(reference tags | text) in nats.
        characters: number of characters of `text`.
        known: for each reference word, whether it is a word of the training rows.
        group: names of the parts of the split that it is also counted in.
    """

    text: str
    reference: tuple[str, ...]
    answer: tuple[str, ...]
    nll: float
    characters: int
    known: tuple[bool, ...]
    group: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not "".join(self.reference) == "".join(self.answer) == self.text:
            raise ValueError(f"the words of reference and answer must each join into the text {self.text!r}")
        if len(self.known) != len(self.reference):
            raise ValueError(f"{len(self.reference)} reference words, but {len(self.known)} in `known`")


@dataclass(frozen=True, slots=True)
class VerseExample(_Example):
    """A verse with what a variational autoencoder makes of it, and a verse that it composed.

    Attributes:
        text: the verse, without marks.
        answer: its reconstruction; as many characters.
        right: how many of its characters the reconstruction has in their place.
        nelbo: negative evidence lower bound in nats.
        iw_nll: the importance-weighted bound of -log p(text) in nats.
        kl: KL of posterior and prior in nats.
        mean: of the posterior, one number a dimension; not part of the predictions file.
        composed: the lines of a composed verse.
        copied: whether that verse stands in the training rows.
        composed_bigram: its log p in nats by the bigram model of the training rows.
        row_bigram: that of `text`.
        group: names of the parts of the split that it is also counted in.
    """

    text: str
    answer: str
    right: int
    nelbo: float
    iw_nll: float
    kl: float
    mean: tuple[float, ...]
    composed: tuple[str, ...]
    copied: bool
    composed_bigram: float
    row_bigram: float
    group: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The fields by name, without the mean."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "mean"}


@dataclass(frozen=True, slots=True)
class PictureExample(_Example):
    """A picture with its class and what both heads of a model say of it.

    Attributes:
        picture: the path of its file.
        reference: its class.
        answer: the most probable class of the blend.
        main: that of the main head.
        aux: that of the auxiliary head.
        probability: of `answer`.
        rank: place of `reference` among the classes by falling probability, from 1; equals share the last.
        nll: -log p(reference) of the blend in nats.
        alpha: share of the main head in the blend.
        characters: how many answers `nll` sums over: always one.
        group: names of the parts of the split that it is also counted in.
    """

    picture: str
    reference: str
    answer: str
    main: str
    aux: str
    probability: float
    rank: int
    nll: float
    alpha: float
    characters: int = 1
    group: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TitleExample(_Example):
    """An article with the headline of the corpus and that of the model.

    Attributes:
        article: the article.
        reference: the headline of the corpus.
        answer: the headline of the model.
        finished: whether the model ended it by itself.
        nll: -log p(reference | article) in nats, the end included.
        characters: those of the reference and one for the end, whatever tokens `nll` sums over.
        group: names of the parts of the split that it is also counted in.
    """

    article: str
    reference: str
    answer: str
    finished: bool
    nll: float
    characters: int
    group: tuple[str, ...] = ()
