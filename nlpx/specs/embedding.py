"""Sections of a config about embeddings of characters and n-grams."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from nlpx.components.varying import Varying
from nlpx.core.component import Section
from nlpx.core.options import InputFile, PositiveInt, Rate
from nlpx.text.ngrams import vocabulary_name


class VectorTable(Section):
    """A table whose initial weights may be vectors from a file.

    Options:
        pretrained: file of vectors of the width `dim`, which replace the initial weights: text or binary of
            word2vec, or npz with the arrays `tokens` and `vectors`. Tokens that it lacks keep their initial
            weights.
        extend: add the tokens of `pretrained` that are too rare in the training split. They keep their
            vectors, because nothing trains them.
    """

    pretrained: InputFile | None = None
    extend: bool = False

    @model_validator(mode="after")
    def _extends_by_a_file(self) -> Self:
        if self.extend and self.pretrained is None:
            raise ValueError("extend adds the tokens of pretrained, which is not set")
        return self


class Ngrams(VectorTable):
    """Embeddings of the n-grams that end and begin at a position, in addition to characters.

    Options:
        size: n; with 2, these are the bigrams (previous, this) and (this, next).
        dim: width of an n-gram embedding.
        min_count: rarer n-grams share the embedding of the unknown n-gram.
        dropout: probability of replacing an n-gram by the unknown n-gram in training.
    """

    size: Annotated[int, Field(ge=2, le=3)] = 2
    dim: PositiveInt = 64
    min_count: PositiveInt = 3
    dropout: Rate = 0.0


class EmbeddingSection(VectorTable):
    """Character embeddings.

    Options:
        dim: width of a character embedding.
        dropout: dropout rate of the elements of the embedding.
        ngrams: n-gram embeddings to append.
    """

    dim: PositiveInt = 128
    dropout: Varying[Rate] = 0.0
    ngrams: list[Ngrams] = []

    @property
    def width(self) -> int:
        """Width of the input of the encoder: character embedding, and two embeddings per n-gram size."""
        return self.dim + 2 * sum(ngrams.dim for ngrams in self.ngrams)

    @property
    def extensions(self) -> tuple[tuple[str, int, str], ...]:
        """The vocabularies to which a file adds tokens: name, length of its tokens, file."""
        tables = (("char", 1, self), *((vocabulary_name(n.size), n.size, n) for n in self.ngrams))
        return tuple((name, size, t.pretrained) for name, size, t in tables if t.extend and t.pretrained)
