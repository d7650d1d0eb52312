"""The experiment: everything a config file says, typed and frozen. Each task narrows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from nlpx.components.metrics.base import Metric
from nlpx.components.optimizers.adam import Adam
from nlpx.components.optimizers.base import Optimizer
from nlpx.components.tricks.base import Trick
from nlpx.core.component import Component, Registry, Split
from nlpx.specs.decoders import Decoder
from nlpx.specs.losses import Loss
from nlpx.specs.observers import Observer
from nlpx.specs.sections import CheckpointSection, DataSection, TrainSection, VocabularySection
from nlpx.specs.sources import RowType


class Experiment(Split):
    """The base of every task's config.

    `task: NAME` in the file picks the subclass; the field `type` holds the name.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    kind: ClassVar[str] = "task"
    row: ClassVar[RowType]
    """The kind of rows the task reads."""
    renamed: ClassVar[Mapping[str, str]] = {}
    """Dotted keys that configs wrote before, with those of today."""
    given_by_record: ClassVar[Mapping[str, frozenset[str]]] = {}
    """What else it gives by the kind of records that it reads, where it reads several kinds."""
    shared_vocabulary: ClassVar[bool] = False
    """Whether answers are tokens of the input's vocabulary, so that a head can be tied to the embedding."""
    cuts_long_texts: ClassVar[bool] = True
    """Whether texts beyond `data.max_length` are cut into pieces; if not, the task cannot use them."""
    composes: ClassVar[bool] = False
    """Whether the task makes texts out of nothing: its predictor is a `UnconditionalPredictor`."""

    type: str = Field(alias="task")
    name: Annotated[str, Field(pattern=r"^[\w.-]+$")] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 2026
    data: DataSection = DataSection()
    vocabulary: VocabularySection = VocabularySection()
    loss: Loss
    optimizer: Optimizer = Adam()
    tricks: list[Trick] = []
    train: TrainSection = TrainSection()
    checkpoint: CheckpointSection = CheckpointSection()
    decode: Decoder
    metrics: list[Metric]
    samples: list[str] = []
    observers: list[Observer] = []

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

    @property
    def row_type(self) -> RowType:
        """The kind of rows that the source gives."""
        return self.data.source.gives_rows() or self.row
