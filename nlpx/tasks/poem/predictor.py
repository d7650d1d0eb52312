"""Predictor of the task poem: generates, continues, reconstructs, interpolates and evaluates verses."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING

import numpy as np

from nlpx.components.decoders.verse import Verse as VerseDecoder
from nlpx.components.metrics.elbo import EvidenceLowerBound, importance_weighted
from nlpx.components.metrics.example import Bounds, Familiarity
from nlpx.data.codec import Vocabularies
from nlpx.data.keys import key
from nlpx.data.records import Verse
from nlpx.errors import DataError, UsageError
from nlpx.specs.predictor import Prediction, Predictor, UnconditionalPredictor
from nlpx.tasks.poem.config import Poem
from nlpx.tasks.poem.example import VerseExample
from nlpx.tasks.poem.latent import LatentModel
from nlpx.text.bigrams import BigramModel
from nlpx.text.verse import bare, lines, written_out

if TYPE_CHECKING:
    from nlpx.models.vae import AutoencoderLearner

BETWEEN = "|"
"""Separates two verses between which to interpolate."""
STEPS_BETWEEN = 5
"""Verses of an interpolation, both ends included."""


class PoemPredictor(Predictor[Verse, VerseExample], UnconditionalPredictor):
    """A trained autoencoder with a decoder of verses.

    Args:
        normalize: normalizes a text as in training.

    Raises:
        DataError: no rhyme is possible.
        UsageError: a metric needs counts that this run does not have.
    """

    def __init__(
        self,
        experiment: Poem,
        normalize: Callable[[str], str],
        learner: AutoencoderLearner,
        vocabularies: Vocabularies,
    ) -> None:
        self._normalize = normalize
        self._length: int = experiment.data.length
        self._decoder = decoder = VerseDecoder.of(experiment.decode)
        self._characters = vocabularies["char"]
        self._tokens = self._characters.tokens
        if decoder.rhymes is not None and not decoder.rhyme_classes(self._tokens):
            raise DataError(
                f"{decoder.rhymes.name}: no class of rhymes has two of the {len(self._tokens) - 1} characters"
                " of the vocabulary, so that no verse can rhyme. Give a table in the script of the corpus, "
                "simplified or traditional, or leave out decode.rhymes."
            )
        self._model = LatentModel(
            learner,
            latent=experiment.model.latent,
            length=self._length,
            characters=len(self._tokens),
            batch_size=experiment.train.evaluation_batch_size,
        )
        draws = [m.samples for m in experiment.metrics if isinstance(m, EvidenceLowerBound)]
        self._draws = max(draws, default=1)
        metrics = experiment.metrics
        self._composes = any("generated" in metric.needs for metric in metrics)
        judges_novelty = any("familiarity" in metric.needs for metric in metrics)
        self._bigrams = _bigram_model(vocabularies) if judges_novelty else None
        self._steps_between = STEPS_BETWEEN

    def with_steps_between(self, steps: int) -> PoemPredictor:
        """The same predictor with another number of verses in an interpolation."""
        made = copy(self)
        made._steps_between = steps
        return made

    # Generation and prediction.

    def generate(self, count: int, seed: int) -> list[Prediction]:
        generators = [np.random.default_rng([seed, number]) for number in range(count)]
        return [
            Prediction(written_out(verse), {"verse": written_out(verse), "seed": seed})
            for verse in self._composed(generators)
        ]

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Reconstruct a verse, continue an opening, or interpolate between two verses separated by |."""
        answers = {
            i: Prediction("", {"verse": "", "opening": ""})
            for i, text in enumerate(texts)
            if not text.strip()
        }
        openings: dict[int, str] = {}
        wholes: dict[int, list[str]] = {}
        for index, text in enumerate(texts):
            if index in answers:
                continue
            parts = [bare(part) for part in text.split(BETWEEN)]
            problem = self._problem_with(parts)
            if problem:
                answers[index] = Prediction(f"({problem})", {"verse": "", "problem": problem})
            elif len(parts) == 1 and len(parts[0]) < self._length:
                openings[index] = parts[0]
            else:
                wholes[index] = parts
        answers |= self._continued(openings)
        answers |= self._encoded(wholes)
        return [answers[index] for index in range(len(texts))]

    def _problem_with(self, parts: Sequence[str]) -> str | None:
        """Why a text cannot be processed."""
        length = self._length
        if len(parts) > 2 or (len(parts) == 2 and any(len(part) != length for part in parts)):
            return f"{BETWEEN} stands between two verses of {length} characters each"
        if not parts[0]:
            return f"no characters; give an opening, or a verse of {length} characters"
        if len(parts[0]) > length:
            return f"{len(parts[0])} characters; a verse of this model has {length}, an opening fewer"
        characters = (char for part in parts for char in part)
        unknown = dict.fromkeys(c for c in characters if self._normalize(c) not in self._characters)
        if unknown:
            return f"the verses this model has learned from have no {'、'.join(unknown)}"
        return None

    def _continued(self, openings: Mapping[int, str]) -> dict[int, Prediction]:
        """Continuations of an opening; latent vectors are drawn in proportion to its probability."""
        if not openings:
            return {}
        decoder = self._decoder
        bank = np.random.default_rng([decoder.seed, 0]).normal(size=(decoder.candidates, self._model.latent))
        bank = (decoder.temperature * bank).astype(np.float32)
        ids = [self._ids(opening) for opening in openings.values()]
        scores = self._model.opening_scores(bank, ids)
        generators = [self._generator(opening, 1) for opening in openings.values()]
        # Gumbel noise on log-weights draws an index in proportion to the weights.
        chosen = [
            int((row + rng.gumbel(size=len(row))).argmax())
            for row, rng in zip(scores, generators, strict=True)
        ]
        verses = self._decoded(bank[chosen], generators, list(openings.values()))
        return {
            index: Prediction(written_out(verse), {"verse": written_out(verse), "opening": opening})
            for (index, opening), verse in zip(openings.items(), verses, strict=True)
        }

    def _encoded(self, wholes: Mapping[int, Sequence[str]]) -> dict[int, Prediction]:
        """Whole verses with their reconstructions, and pairs of verses with interpolations."""
        ids = [self._ids(part) for parts in wholes.values() for part in parts]
        means = iter(self._model.means(ids))
        answers = {}
        for index, parts in wholes.items():
            if len(parts) == 1:
                answers[index] = self._reconstructed(parts[0], next(means))
                continue
            first, last = next(means), next(means)
            path = np.stack([first + t * (last - first) for t in np.linspace(0, 1, self._steps_between)])
            generators = [self._generator(parts[0] + parts[1], 2)] * self._steps_between
            verses = [written_out(verse) for verse in self._decoded(path, generators)]
            answers[index] = Prediction(" ".join(verses), {"verses": verses})
        return answers

    def _reconstructed(self, text: str, mean: np.ndarray) -> Prediction:
        log_probs = next(self._model.log_probs(mean[None]))
        verse = "".join(self._tokens[v] for v in log_probs[:, 1:].argmax(1) + 1)
        right = sum(a == b for a, b in zip(text, verse, strict=True))
        shown = written_out(verse)
        note = f"{shown} (reconstruction, {right} of {len(text)} characters)"
        return Prediction(note, {"reconstruction": shown, "right": right, "characters": len(text)})

    # Evaluation.

    def examples(self, rows: Sequence[Verse], known: Container[str]) -> list[VerseExample]:
        ids = [self._ids(row.text) for row in rows]
        noise = (
            self._generator(row.text, 3).normal(size=(self._draws, self._model.latent)).astype(np.float32)
            for row in rows
        )
        composed = [""] * len(rows)
        if self._composes:
            composed = self._composed([self._generator(row.text, 4) for row in rows])
        measured = self._model.measured(ids, noise, self._draws)
        return [
            self._example(row, verse, target, found, known)
            for row, verse, target, found in zip(rows, composed, ids, measured, strict=True)
        ]

    def _example(
        self,
        row: Verse,
        composed: str,
        target: np.ndarray,
        found: Mapping[str, np.ndarray],
        known: Container[str],
    ) -> VerseExample:
        best = found["best"]
        made = tuple(lines(composed)) if composed else ()
        return VerseExample(
            text=row.text,
            answer="".join(self._tokens[v] if v else "□" for v in best),
            elbo=Bounds(
                right=int(((best == target) & (target > 0)).sum()),
                nelbo=float(found["cross_entropy"].mean(dtype=np.float64) + found["kl"]),
                iw_nll=importance_weighted(found["log_weight"].astype(np.float64)),
                kl=float(found["kl"]),
                mean=tuple(found["mean"].tolist()),
            ),
            composed=made,
            familiarity=Familiarity(
                copied=bool(composed) and composed in known,
                composed_bigram=self._likelihood(made),
                row_bigram=self._likelihood(lines(row.text)),
            ),
            group=(row.group,) if row.group else (),
        )

    def _likelihood(self, verse: Iterable[str]) -> float:
        """log p of a verse in nats under the bigram model of the training split; 0 without one."""
        normalize, model = self._normalize, self._bigrams
        return 0.0 if model is None else sum(model.log_probability(normalize(line)) for line in verse)

    # Texts to ids, latent vectors to verses.

    def _ids(self, text: str) -> np.ndarray:
        return self._characters.ids(self._normalize(text))

    def _generator(self, text: str, purpose: int) -> np.random.Generator:
        """Random numbers that depend only on a text, not on other texts."""
        return np.random.default_rng([self._decoder.seed, key(text), purpose])

    def _composed(self, generators: Sequence[np.random.Generator]) -> list[str]:
        """One verse from the prior for each random generator."""
        scale, latent = self._decoder.temperature, self._model.latent
        z = np.array([scale * rng.normal(size=latent) for rng in generators], np.float32)
        return list(self._decoded(z, generators))

    def _decoded(
        self, z: np.ndarray, generators: Sequence[np.random.Generator], openings: Sequence[str] | None = None
    ) -> Iterator[str]:
        for row, log_probs in enumerate(self._model.log_probs(z)):
            opening = openings[row] if openings else ""
            yield self._decoder.decode(log_probs, self._tokens, generators[row], opening)


def _bigram_model(vocabularies: Vocabularies) -> BigramModel:
    """The bigram model of the training split, from the counts of the vocabularies."""
    if "bigram" not in vocabularies:
        raise UsageError(
            "metrics: novelty compares with pairs of characters, which this run, trained without it, has not "
            "counted. Leave the metric out, or train a new run with it."
        )
    characters, bigrams = vocabularies["char"], vocabularies["bigram"]
    counts = dict(zip(("", *characters.tokens[1:]), characters.counts, strict=True))
    return BigramModel(counts, dict(zip(bigrams.tokens[1:], bigrams.counts[1:], strict=True)))
