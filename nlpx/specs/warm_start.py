"""The section `init`: which weights of another run training starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, create_model

from nlpx.core.component import Section
from nlpx.core.options import Folder

Pattern = Annotated[str, Field(min_length=1)]
FROM = "from"


class WarmStartOptions(Section):
    """Weights that training starts with, those of a checkpoint of another run.

    Options:
        from: a run, whose best checkpoint is used, as a folder or as an id such as couplet/first; or the
            folder of a checkpoint.
        include: patterns of the names of variables to load, such as `embedding/*`; the whole name must match.
        exclude: patterns of the names of variables that keep their initial weights.
        vocabulary: map gives a token the row that it has in the run, and lets new tokens keep their initial
            weights; same requires equal vocabularies.
    """

    include: Annotated[list[Pattern], Field(min_length=1)] = ["*"]
    exclude: list[Pattern] = []
    vocabulary: Literal["map", "same"] = "map"

    @property
    def source(self) -> str:
        """The run or checkpoint."""
        return str(getattr(self, FROM))


if TYPE_CHECKING:
    WarmStart = WarmStartOptions
else:
    # `from` is a keyword of Python, so that no class body can declare it.
    WarmStart = create_model(
        "WarmStart", __base__=WarmStartOptions, __doc__=WarmStartOptions.__doc__, **{FROM: (Folder, ...)}
    )
