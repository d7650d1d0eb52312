"""The experiment: everything a config file says, typed and frozen. Each task narrows it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from nlpx.components.optimizers.adam import Adam
from nlpx.components.optimizers.base import Optimizer
from nlpx.components.tricks.base import Trick
from nlpx.core.component import Split
from nlpx.specs.decoders import Decoder
from nlpx.specs.losses import Loss
from nlpx.specs.metrics import Metric
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
    other_rows: ClassVar[tuple[RowType, ...]] = ()
    """Further kinds that it reads, with parts that are made for them."""
    shared_vocabulary: ClassVar[bool] = False
    """Whether answers are tokens of the input's vocabulary, so that a head can be tied to the embedding."""
    cuts_long_texts: ClassVar[bool] = True
    """Whether texts beyond `data.max_length` are cut into pieces; if not, the task cannot use them."""
    composes: ClassVar[bool] = False
    """Whether the task makes texts out of nothing: its answerer is a `Composer`."""

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

    @property
    def row_type(self) -> RowType:
        """The kind of rows that the source gives."""
        return self.data.source.gives_rows() or self.row
