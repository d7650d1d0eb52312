"""Fill embeddings with vectors from a file, `model.embedding.pretrained`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from nlpx.components.tricks.base import value_of
from nlpx.core.counted import counted
from nlpx.data.codec import Vocabularies
from nlpx.data.vectors import read_vectors
from nlpx.errors import DataError
from nlpx.specs.experiment import Experiment
from nlpx.text.ngrams import BORDER, BORDER_SIGN, vocabulary_name

if TYPE_CHECKING:
    import keras

    from nlpx.engine.learner import Learner

SHOWN = 8


class Pretrained(NamedTuple):
    """A file of vectors for an embedding.

    Attributes:
        vocabulary: name of the vocabulary of its tokens.
        place: of the table among those of n-grams; None for characters.
        width: of the vectors.
        file: the file.
    """

    vocabulary: str
    place: int | None
    width: int
    file: Path


def pretrained_files(experiment: Experiment) -> Iterator[Pretrained]:
    """The files of vectors that a config names."""
    embedding: Any = getattr(getattr(experiment, "model", None), "embedding", None)
    if getattr(embedding, "pretrained", None):
        yield Pretrained("char", None, embedding.dim, Path(embedding.pretrained))
    for place, ngrams in enumerate(getattr(embedding, "ngrams", ())):
        if ngrams.pretrained:
            yield Pretrained(vocabulary_name(ngrams.size), place, ngrams.dim, Path(ngrams.pretrained))


def load_pretrained(
    experiment: Experiment, learner: Learner, vocabularies: Vocabularies, say: Callable[[str], None]
) -> None:
    """Set the rows of embedding tables to the vectors of their files, and report how many were missing.

    The unknown token, and tokens without a vector, keep their initial weights.

    Raises:
        DataError: a file cannot be read, has vectors of another width, or none of the tokens.
    """
    for vocabulary, place, width, file in pretrained_files(experiment):
        tokens = vocabularies[vocabulary].tokens
        found = read_vectors(file, frozenset(tokens[1:]))
        if not found:
            raise DataError(
                f"{file}: it has a vector for none of the {len(tokens) - 1} tokens of the vocabulary "
                f"{vocabulary}, such as {_shown(tokens[1:SHOWN], ', ')}. Expected vectors of these tokens."
            )
        if (other := len(next(iter(found.values())))) != width:
            raise DataError(f"{file}: vectors of {other} numbers, expected {width} (dim of the embedding).")
        for table in _tables(learner, place):
            rows = value_of(table).copy()
            for i, token in enumerate(tokens):
                if token in found:
                    rows[i] = found[token]
            table.assign(rows)
        missing = [token for token in tokens[1:] if token not in found]
        more = " ..." if len(missing) > SHOWN else ""
        listed = f": {_shown(missing[:SHOWN], ' ')}{more}" if missing else ""
        say(
            f"{file}: vectors of {len(found)} of {counted(len(tokens) - 1, 'token')} of {vocabulary}; "
            f"{len(missing)} keep their initial weights{listed}"
        )


def _shown(tokens: Sequence[str], between: str) -> str:
    return between.join(tokens).replace(BORDER, BORDER_SIGN)


def _tables(learner: Learner, place: int | None) -> Iterator[keras.Variable]:
    """The tables of characters, or of n-grams, in the embeddings of a model."""
    from nlpx.layers.token_embedding import TokenEmbedding

    for layer in learner.model._flatten_layers():
        if isinstance(layer, TokenEmbedding):
            yield (layer.table if place is None else layer.ngram_tables[place]).embeddings
