"""The experiment: the typed, frozen content of a config, which each task extends."""

from __future__ import annotations

import inspect
import random
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import (
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationInfo,
    field_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from nlpx.components.losses.base import Loss
from nlpx.components.metrics.base import Direction, Metric
from nlpx.components.observers.base import Observer
from nlpx.components.optimizers.adam import Adam
from nlpx.components.optimizers.base import Optimizer
from nlpx.components.tricks.base import Trick
from nlpx.core.component import COMPONENT_KIND, Component, Registry
from nlpx.errors import UsageError
from nlpx.specs.sections import CheckpointSection, DataSection, TextData, TrainSection, VocabularySection
from nlpx.specs.warm_start import WarmStart

if TYPE_CHECKING:
    from nlpx.data.codec import Codec, Vocabularies
    from nlpx.data.items import EncodedItems
    from nlpx.engine.learner import Batches, Learner
    from nlpx.specs.predictor import Predictor


LONGEST_INPUT = 400
"""Characters of the texts for which an exported model is compared with its run, at most."""


class Experiment(Component):
    """Base class of the configs of tasks.

    `task: NAME` selects the subclass; the field `type` contains the name.

    Options:
        name: name of the run.
        seed: seed of all random numbers, such as initial weights, dropout and data order.
        init: weights of another run that training starts with.
        loss: the objective, which training minimizes.
        optimizer: the optimizer.
        tricks: training tricks, applied in this order.
        train: length of training and batches.
        checkpoint: which checkpoints are kept.
        metrics: metrics of evaluations.
        observers: additional observers of the run.
        export: auto writes a bundle into the run when training ends, if the task has bundles and the extra
            `export` is installed; never does not.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    kind: ClassVar[str] = "task"
    row: ClassVar[str]
    """The kind of records that the task reads."""
    renamed: ClassVar[Mapping[str, str]] = {}
    """Old dotted keys with their new names."""
    given_by_record: ClassVar[Mapping[str, frozenset[str]]] = {}
    """Further values that the task gives, by the kind of records, if it reads several kinds."""
    sample: ClassVar[str]
    """Name of the built-in sample of the task."""
    shared_vocabulary: ClassVar[bool] = False
    """Whether predictions are tokens of the input vocabulary, so that a head can be tied to the embedding."""
    phases: ClassVar[tuple[str, ...]] = ()
    """The phases of the learner, where it has several: then `optimizer` may hold one block for each."""
    takes_input: ClassVar[bool] = True
    """Whether there is something that predictions are made for."""
    takes_images: ClassVar[bool] = False
    """Whether predictions are made for image files; otherwise for texts."""
    unexportable: ClassVar[str] = ""
    """Why the task has no bundles, if that has a reason."""
    generates: ClassVar[bool] = False
    """Whether the task generates unconditionally; its predictor is then an `UnconditionalPredictor`."""

    type: str = Field(alias="task")
    name: Annotated[str, Field(pattern=r"^[\w.-]+$")] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 2026
    init: WarmStart | None = None
    data: DataSection = DataSection()
    loss: Loss
    optimizer: Optimizer | dict[str, Optimizer] = Adam()
    tricks: list[Trick] = []
    train: TrainSection = TrainSection()
    checkpoint: CheckpointSection = CheckpointSection()
    metrics: list[Metric]
    samples: list[str] = []
    observers: list[Observer] = []
    export: Literal["auto", "never"] = "auto"

    @field_validator("optimizer", mode="plain", json_schema_input_type=Optimizer)
    @classmethod
    def _one_or_by_phase(cls, value: object, info: ValidationInfo) -> Optimizer | dict[str, Optimizer]:
        if cls.phases and isinstance(value, Mapping) and "type" not in value:
            return TypeAdapter(dict[str, Optimizer]).validate_python(value, context=info.context)
        return Optimizer.model_validate(value, context=info.context)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        made = super().__get_pydantic_json_schema__(schema, handler)
        if cls.phases:
            by_phase = {
                "type": "object",
                "properties": {name: {COMPONENT_KIND: Optimizer.kind} for name in cls.phases},
                "required": list(cls.phases),
                "additionalProperties": False,
            }
            one = handler.resolve_ref_schema(made)["properties"]["optimizer"]
            one["anyOf"] = [{COMPONENT_KIND: one.pop(COMPONENT_KIND)}, by_phase]
        return made

    @classmethod
    def template(cls) -> Path:
        """The commented config written by `nlpx new`, in the folder of the task."""
        return Path(inspect.getfile(cls)).with_name("template.yaml")

    @classmethod
    def records(cls) -> tuple[str, ...]:
        """The kinds of records that the task reads."""
        return tuple(cls.given_by_record) or (cls.row,)

    def given(self) -> frozenset[str]:
        """The values available to loss, decoder and metrics with these options."""
        head = getattr(getattr(self, "model", None), "head", None)
        by_head = head.gives if isinstance(head, Component) else frozenset()
        # Records that the task does not read are reported separately.
        records = [self.row_type] if self.row_type in self.given_by_record else self.given_by_record
        return self.gives.union(by_head, *(self.given_by_record[record] for record in records))

    @classmethod
    def could_give(cls, registry: Registry) -> frozenset[str]:
        """The values available with any options."""
        model = cls.model_fields.get("model")
        has_head = model is not None and "head" in getattr(model.annotation, "model_fields", ())
        heads = [entry.component.gives for entry in registry if has_head and entry.kind == "head"]
        return cls.gives.union(*heads, *cls.given_by_record.values())

    def numbers(self) -> dict[str, Direction]:
        """The values of its metrics, and whether lower or higher is better."""
        given = self.given()
        return {name: way for metric in self.metrics for name, way in metric.numbers(given).items()}

    @property
    def row_type(self) -> str:
        """The kind of records that the source gives."""
        return self.data.source.record_kind or self.row

    @abstractmethod
    def codec(self) -> Codec[Any]:
        """What reads the records of the task."""

    @abstractmethod
    def learner(self, codec: Any, vocabularies: Vocabularies) -> Learner:
        """The model with fresh weights, and its objective. Imports Keras."""

    def initialize(self, learner: Any, cache: Path) -> None:
        """Called once before training with fresh weights, for example to load pretrained weights.

        Args:
            learner: the learner created by `learner`.
            cache: folder of the cache.

        Raises:
            NlpxError: a file is missing or invalid.
        """

    def fit(self, learner: Any, items: EncodedItems) -> None:
        """Called once before training with fresh weights, for weights that are computed from the data.

        Args:
            learner: the learner created by `learner`.
            items: the training items.
        """

    def batches(self, items: EncodedItems, learner: Any, cache: Path) -> Batches:
        """The order of training, a function of epoch and index; by default shuffled, with similar lengths."""
        from nlpx.data.batching import BatchPlan, choose_boundaries
        from nlpx.data.planned_batches import PlannedBatches

        train = self.train
        boundaries = train.buckets or choose_boundaries(items.lengths)
        plan = BatchPlan(items.lengths, train.batch_size, boundaries, self.seed)
        return PlannedBatches(plan, items, train.batch_size, train.accumulation)

    @classmethod
    def can_be_exported(cls) -> bool:
        """Whether the task can do without its learner."""
        return cls.exported is not Experiment.exported

    def exported(self, graphs: Any, constants: Any) -> Any:
        """What the predictor uses instead of a learner, without TensorFlow.

        Args:
            graphs: functions of a batch, by name.
            constants: arrays, by name.

        Raises:
            UsageError: the task cannot do without its learner.
        """
        raise UsageError(f"the task {self.type} cannot be used as a bundle. Use the run itself.")

    def inputs(self, codec: Any, vocabularies: Vocabularies, folder: Path) -> Sequence[str]:
        """Inputs of many sizes, for which an exported model is compared with its run.

        Args:
            codec: created by `codec`.
            vocabularies: those of the run.
            folder: an existing folder for image files, if the task takes them.

        Returns:
            Texts, or paths of images; numbers of samples, from 0, if the task takes no input.
        """
        return ()

    @abstractmethod
    def predictor(self, codec: Any, learner: Any, vocabularies: Vocabularies) -> Predictor[Any, Any]:
        """The model of a learner behind the decoder of the config."""

    def example_type(self) -> Any:
        """The class of the examples of the predictor, a `TaskExample`; reports read predictions files by it.

        None: reports show no rows.
        """
        return None

    def references(self, codec: Any, vocabularies: Vocabularies) -> Mapping[str, Predictor[Any, Any]]:
        """Reference systems that can be evaluated on the same records, by name."""
        return {}


class TextExperiment(Experiment):
    """Base class of the configs of text tasks."""

    cuts_long_texts: ClassVar[bool] = True
    """Whether texts longer than `data.max_length` are split or truncated; otherwise they cannot be used."""

    data: TextData = TextData()
    vocabulary: VocabularySection = VocabularySection()

    def inputs(self, codec: Any, vocabularies: Vocabularies, folder: Path) -> Sequence[str]:
        """The samples of the config, and characters in random order; the last texts are as long as can be."""
        drawn = random.Random(0)
        characters = vocabularies["char"].tokens[1:] or ("字",)
        longest = min(getattr(codec, "max_length", LONGEST_INPUT), LONGEST_INPUT)
        lengths = [length for length in (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233) if length < longest]
        texts = ("".join(drawn.choices(characters, k=k)) for k in (*lengths, longest, longest))
        return [*self.samples, *texts]
