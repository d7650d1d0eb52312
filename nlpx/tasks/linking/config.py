"""The config of the task linking."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from nlpx.components.decoders.base import Decoder
from nlpx.components.decoders.half_pointer import HalfPointer
from nlpx.components.losses.base import Loss
from nlpx.components.losses.entity_linking import EntityLinking
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.entity_linking import EntityLinking as LinkingMetric
from nlpx.components.sources.linked_texts import LinkedText
from nlpx.core.options import PositiveInt
from nlpx.specs.experiment import TextExperiment
from nlpx.specs.linker import LinkerSection
from nlpx.specs.sections import CheckpointSection, Monitor, Normalization, TextData

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.data.items import EncodedItems
    from nlpx.engine.learner import Batches
    from nlpx.specs.predictor import Predictor
    from nlpx.tasks.linking.codec import LinkingCodec


class LinkingNormalization(Normalization):
    """Width and case of letters are ignored, also in names."""

    case: Literal["lower", "keep"] = "lower"


class LinkingData(TextData):
    """Texts with mentions of entities; longer texts are split at punctuation.

    Options:
        cleaning: drop a name from the dictionary if (texts in which it is no mention + 1) / (texts in which
            it is one + 1) reaches this; null: keep all names.
        min_links: an entity that a name means at least this often in the training split is a candidate for
            it; names without such entities have all entities of the name as candidates.
        description_length: maximum length of the description of an entity in characters.
    """

    normalize: LinkingNormalization = LinkingNormalization()
    cleaning: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = 5.0
    min_links: PositiveInt = 2
    description_length: PositiveInt = 128


class LinkingCheckpoint(CheckpointSection):
    """The best checkpoint has the highest F1."""

    monitor: Monitor = "valid/link_f1"


class Linking(TextExperiment):
    """Find the mentions of entities in a text, and link each to an entity of a knowledge base.

    s_t, e_t = pointers(encode(text)); r = rank(text, mention, description), trained jointly

    Options:
        data: texts with mentions, and the knowledge base.
        vocabulary: characters of texts and descriptions.
        model: embedding, encoders, pointers, attention.
        decode: the decoder, with the thresholds of starts, ends and entities.
        samples: texts that are linked after every evaluation.
    Shapes: text (B, T), description (B, L) -> starts (B, T), ends (B, T, N), entities (B,).
    Data: mentions must have offsets in characters. The run keeps the names and shortened descriptions of
        all entities, so that predictions need no other file.
    Relations: mentions can only be found where a name of the dictionary is, unless model.match is false. In
        an epoch, a text gives one mention and one entity, so that many epochs are needed.
    Reference: kexue.fm archive 6919.
    Example:
        task: linking
        train: {epochs: 40, batch_size: 64}
    """

    row: ClassVar[str] = LinkedText.kind
    sample: ClassVar[str] = "linking"
    introduces: ClassVar[Mapping[str, str]] = {
        "start_logit": "score of each position as the start of a mention, (B, T)",
        "start_target": "whether it is one, (B, T) int32",
        "end_logit": "score of each position as the end of a mention, (B, T, N)",
        "end_target": "whether it is that, (B, T, N) int32",
        "end_possible": "whether it can be that, (B, T, N) bool",
        "link_logit": "score of an entity for a mention, (B,)",
        "link_target": "whether the mention means the entity, (B,) int32",
        "link_sampled": "whether the text has such a mention, (B,) bool",
        "start_probability": "probability of each position as the start of a mention, (T,)",
        "end_probability": "probability of each position as the end of the mention from another one, (T, T)",
        "entity_probability": "probability that a mention means an entity, for each entity of its name",
        "reference_links": "the reference mentions: text, offset, identifier of the entity",
        "predicted_links": "the predicted mentions in the same form",
        "chosen_entities": "the entity chosen for each reference mention",
    }
    gives: ClassVar[frozenset[str]] = frozenset({"mask", "embedding", "char", "blocks", *introduces})

    type: Literal["linking"] = Field("linking", alias="task")
    data: LinkingData = LinkingData()
    model: LinkerSection = LinkerSection()
    loss: Loss = EntityLinking()
    checkpoint: LinkingCheckpoint = LinkingCheckpoint()
    decode: Decoder = HalfPointer()
    metrics: list[Metric] = [LinkingMetric()]

    def codec(self) -> LinkingCodec:
        from nlpx.tasks.linking.codec import LinkingCodec

        data = self.data
        return LinkingCodec(
            data.normalize,
            data.max_length,
            self.vocabulary,
            cleaning=data.cleaning,
            min_links=data.min_links,
            description_length=data.description_length,
        )

    def learner(self, codec: Any, vocabularies: Vocabularies) -> Any:
        from nlpx.tasks.linking.learner import LinkingLearner

        return LinkingLearner(self, codec, vocabularies)

    def batches(self, items: EncodedItems, learner: Any, cache: object) -> Batches:
        ordered: Batches = learner.batches(items)
        return ordered

    def exported(self, graphs: Any, constants: Any) -> Any:
        from nlpx.exported.linker import ExportedLinker

        return ExportedLinker(graphs, constants)

    def inputs(self, codec: Any, vocabularies: Vocabularies, folder: Path) -> Sequence[str]:
        """Also texts with names of the dictionary, most of which a mention can be found in."""
        from nlpx.tasks.linking.lookup import NAME

        names = vocabularies[NAME].tokens[1:] or ("",)
        drawn = random.Random(0)
        texts = ["，".join(drawn.choices(names, k=k)) for k in (1, 1, 2, 2, 3, 5, 8)]
        return [*texts, *super().inputs(codec, vocabularies, folder)]

    def predictor(self, codec: Any, learner: Any, vocabularies: Vocabularies) -> Predictor[Any, Any]:
        from nlpx.tasks.linking.predictor import LinkingPredictor

        return LinkingPredictor(self, codec, learner, vocabularies)

    def example_type(self) -> Any:
        from nlpx.tasks.linking.example import LinkingExample

        return LinkingExample

    def references(self, codec: Any, vocabularies: Vocabularies) -> Mapping[str, Predictor[Any, Any]]:
        from nlpx.tasks.linking.references import references

        return references(codec, vocabularies)
