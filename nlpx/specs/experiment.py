"""The experiment: everything a config file says, typed and frozen. Each task narrows it."""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

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
from nlpx.specs.sections import CheckpointSection, DataSection, TextData, TrainSection, VocabularySection

if TYPE_CHECKING:
    from nlpx.data.codec import Codec, Vocabularies
    from nlpx.data.items import EncodedItems
    from nlpx.engine.learner import Batches, Learner
    from nlpx.specs.predictor import Predictor


ONE: TypeAdapter[Optimizer] = TypeAdapter(Optimizer)
BY_PHASE: TypeAdapter[dict[str, Optimizer]] = TypeAdapter(dict[str, Optimizer])


class Experiment(Component):
    """The base of every task's config.

    `task: NAME` in the file picks the subclass; the field `type` holds the name.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    kind: ClassVar[str] = "task"
    row: ClassVar[str]
    """The kind of rows the task reads."""
    renamed: ClassVar[Mapping[str, str]] = {}
    """Dotted keys that configs wrote before, with those of today."""
    given_by_record: ClassVar[Mapping[str, frozenset[str]]] = {}
    """What else it gives by the kind of records that it reads, where it reads several kinds."""
    sample: ClassVar[str]
    """The builtin sample of the task."""
    shared_vocabulary: ClassVar[bool] = False
    """Whether answers are tokens of the input's vocabulary, so that a head can be tied to the embedding."""
    phases: ClassVar[tuple[str, ...]] = ()
    """The phases of the learner, where it has several: then `optimizer` may hold one block for each."""
    generates: ClassVar[bool] = False
    """Whether the task generates unconditionally: its predictor is an `UnconditionalPredictor`."""

    type: str = Field(alias="task")
    name: Annotated[str, Field(pattern=r"^[\w.-]+$")] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 2026
    data: DataSection = DataSection()
    loss: Loss
    optimizer: Optimizer | dict[str, Optimizer] = Adam()
    tricks: list[Trick] = []
    train: TrainSection = TrainSection()
    checkpoint: CheckpointSection = CheckpointSection()
    metrics: list[Metric]
    samples: list[str] = []
    observers: list[Observer] = []

    @field_validator("optimizer", mode="plain", json_schema_input_type=Optimizer)
    @classmethod
    def _one_or_by_phase(cls, value: object, info: ValidationInfo) -> Optimizer | dict[str, Optimizer]:
        by_phase = cls.phases and isinstance(value, Mapping) and "type" not in value
        return (BY_PHASE if by_phase else ONE).validate_python(value, context=info.context)

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
        """The commented config that `nlpx new` writes: it lies beside the module of the task."""
        return Path(inspect.getfile(cls)).with_name("template.yaml")

    @classmethod
    def records(cls) -> tuple[str, ...]:
        """The kinds of records that the task reads."""
        return tuple(cls.given_by_record) or (cls.row,)

    def given(self) -> frozenset[str]:
        """The values that loss, decoder and metrics find with these options."""
        head = getattr(getattr(self, "model", None), "head", None)
        by_head = head.gives if isinstance(head, Component) else frozenset()
        # Records that the task does not read are an error of their own.
        records = [self.row_type] if self.row_type in self.given_by_record else self.given_by_record
        return self.gives.union(by_head, *(self.given_by_record[record] for record in records))

    @classmethod
    def could_give(cls, registry: Registry) -> frozenset[str]:
        """The values that they may find with any options."""
        model = cls.model_fields.get("model")
        has_head = model is not None and "head" in getattr(model.annotation, "model_fields", ())
        heads = [entry.component.gives for entry in registry if has_head and entry.kind == "head"]
        return cls.gives.union(*heads, *cls.given_by_record.values())

    def numbers(self) -> dict[str, Direction]:
        """The numbers that its metrics give, and which way each is better."""
        return {name: way for metric in self.metrics for name, way in metric.numbers().items()}

    @property
    def row_type(self) -> str:
        """The kind of rows that the source gives."""
        return self.data.source.record_kind or self.row

    @abstractmethod
    def codec(self) -> Codec[Any]:
        """What reads the records of the task."""

    @abstractmethod
    def learner(self, codec: Any, vocabularies: Vocabularies) -> Learner:
        """The model with fresh weights, and its objective. Imports Keras."""

    def initialize(self, learner: Any, cache: Path) -> None:
        """Called once before training, with fresh weights: some are to begin as those of a file.

        Args:
            learner: as `learner` made it.
            cache: folder of the cache.

        Raises:
            NlpxError: a file is missing or is not what it should be.
        """

    def batches(self, items: EncodedItems, learner: Any, cache: Path) -> Batches | None:
        """The order of training, a function of epoch and index; None: items of similar length, shuffled."""
        return None

    @abstractmethod
    def predictor(self, codec: Any, learner: Any, vocabularies: Vocabularies) -> Predictor[Any, Any]:
        """The model of a learner behind the decoder of the config."""

    def references(self, codec: Any, vocabularies: Vocabularies) -> Mapping[str, Predictor[Any, Any]]:
        """Other systems that can be measured on the same records, by name."""
        return {}


class TextExperiment(Experiment):
    """The base of tasks that read texts."""

    cuts_long_texts: ClassVar[bool] = True
    """Whether texts beyond `data.max_length` are cut into pieces; if not, the task cannot use them."""

    data: TextData = TextData()
    vocabulary: VocabularySection = VocabularySection()
