"""Examples: records of a split with their predictions, whose values metrics read."""

from __future__ import annotations

from dataclasses import dataclass, fields

from nlpx.components.metrics.example import Bounds, Generated, Heads
from nlpx.text.blanks import without_blanks
from nlpx.text.points import Points

VECTORS = {"mean", "point"}
"""Fields that are not written to the predictions file."""


@dataclass(frozen=True, slots=True)
class _Example:
    """What all kinds of examples share.

    The properties are values of nlpx.components.values by their names; the fields are those that people
    find in the predictions file.
    """

    def to_json(self) -> dict[str, object]:
        """The fields by name, without vectors: a line of the predictions file."""
        names = (field.name for field in fields(self) if field.name not in VECTORS)
        return {name: getattr(self, name) for name in names}


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

    # Blanks are copied, so that they say nothing of the model.

    @property
    def source_text(self) -> str:
        return without_blanks(self.upper)

    @property
    def reference_text(self) -> str:
        return without_blanks(self.reference)

    @property
    def predicted_text(self) -> str:
        return without_blanks(self.answer)

    @property
    def line(self) -> str:
        return self.predicted_text


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

    @property
    def reference_words(self) -> tuple[str, ...]:
        return self.reference

    @property
    def known_words(self) -> tuple[bool, ...]:
        return self.known

    @property
    def predicted_words(self) -> tuple[str, ...]:
        return self.answer


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

    @property
    def elbo(self) -> Bounds:
        return Bounds(self.nelbo, self.iw_nll, self.kl, self.mean, self.right, len(self.text))

    @property
    def generated(self) -> Generated:
        return Generated(self.composed, self.text, self.copied, self.composed_bigram, self.row_bigram)


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

    @property
    def reference_class(self) -> str:
        return self.reference

    @property
    def predicted_class(self) -> str:
        return self.answer

    @property
    def reference_rank(self) -> int:
        return self.rank

    @property
    def head_classes(self) -> Heads:
        return Heads(self.main, self.aux, self.alpha)


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

    @property
    def source_text(self) -> str:
        return self.article

    @property
    def reference_text(self) -> str:
        return self.reference

    @property
    def predicted_text(self) -> str:
        return self.answer


@dataclass(frozen=True, slots=True)
class PairExample(_Example):
    """A pair of sentences with its score and what a model says.

    Attributes:
        first, second: the sentences.
        score: how alike they are, as the corpus says.
        answer: how alike they are, as the model says: the cosine, and what is added to it.
        off: by how much of all the records that were predicted with it, -1 to 1, the model ranks it too high.
        group: names of the parts of the split that it is also counted in.
    """

    first: str
    second: str
    score: float
    answer: float
    off: float = 0.0
    group: tuple[str, ...] = ()

    @property
    def predicted_score(self) -> float:
        return self.answer


@dataclass(frozen=True, slots=True, eq=False)
class QuestionExample(_Example):
    """A sentence with its place among others.

    Attributes:
        text: the sentence.
        group_id: its group of synonyms.
        point: its vector, one point; not part of the predictions file.
        nearest: the most similar other sentence among the records that were predicted with it; empty if it is
            alone.
        score: how similar that is.
        right: whether that is of its group.
        lead: by how much the best sentence of its group is more similar than the best of all others; 0 where
            one of them is missing.
        group: names of the parts of the split that it is also counted in.
    """

    text: str
    group_id: str
    point: Points
    nearest: str = ""
    score: float = 0.0
    right: bool = False
    lead: float = 0.0
    group: tuple[str, ...] = ()

    @property
    def ranking(self) -> tuple[Points, str]:
        return self.point, self.group_id
