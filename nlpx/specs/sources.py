"""Sources: where rows come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nlpx.core.component import Split
from nlpx.core.options import NonNegativeInt

RowType = Literal["pair", "sentence", "verse", "question", "scored_pair", "picture", "article"]
CorpusPath = Annotated[str, Field(min_length=1)]
"""A file, relative to `data.root` unless absolute; `.gz` and `.xz` are read as they are."""


class SourceSpec(Split):
    """The base of every source. `rows` says which kind of row it yields.

    `holdout` takes that many training rows as the split `valid`, where no file is given for it.
    """

    kind: ClassVar[str] = "source"
    row: ClassVar[RowType | None] = None
    reads_folders: ClassVar[bool] = False
    """Whether a split may be a folder."""
    holds_out: ClassVar[str] = "`holdout: N`"
    """How rows of train are held out as valid."""

    holdout: NonNegativeInt = 0

    def files(self, split: str) -> list[str]:
        """The files of a split, or of another option that names some, as written; empty without any."""
        return []

    def has(self, split: str) -> bool:
        """Whether there are rows of a split. A source without files is taken to have every split."""
        if split == "valid" and self.holdout:
            return True
        return bool(self.files(split)) or not self.files("train")

    def gives_rows(self) -> RowType | None:
        """The kind of its rows; None where it suits itself to the task."""
        return self.row


Source = SourceSpec


class SplitFiles(SourceSpec):
    """The base of sources with one file, or folder, for each split."""

    train: CorpusPath
    valid: CorpusPath | None = None
    test: CorpusPath | None = None

    def files(self, split: str) -> list[str]:
        value = {"train": self.train, "valid": self.valid, "test": self.test}.get(split)
        return [] if value is None else [value]


SAMPLE_ROWS: Mapping[str, RowType] = {
    "couplet": "pair",
    "segmentation": "sentence",
    "poem": "verse",
    "similarity": "question",
    "similarity_pairs": "scored_pair",
    "dogs": "picture",
    "title": "article",
}


class Builtin(SourceSpec):
    """The small corpus that ships with nlpx, so that every task runs on a fresh machine.

    Options:
        name: which sample; empty takes the one of the task.
        holdout: always 0, the samples have a split valid of their own.
    Shapes: rows of the task.
    Data: rows composed by a seeded generator (group `generated`) and hand-written ones (group `written`) in
        valid and test.
    Relations: a sample is for trying things out; no claim about quality rests on it.
    Reference: written for nlpx.
    Example:
        data:
          source: {type: builtin, name: couplet}
    """

    implementation: ClassVar[str] = "nlpx.data.sources.builtin:BuiltinSource"

    type: Literal["builtin"] = "builtin"
    name: (
        Literal["couplet", "segmentation", "poem", "similarity", "similarity_pairs", "dogs", "title"] | None
    ) = None
    holdout: Literal[0] = 0

    def gives_rows(self) -> RowType | None:
        return None if self.name is None else SAMPLE_ROWS[self.name]


class Pairs(SourceSpec):
    """Pairs of texts: one TSV file a split, or two parallel files with one text a line.

    Options:
        train: TSV file, or a list of two parallel files.
        valid: the same for the split valid; empty takes `holdout` rows of train.
        test: the same for the split test; empty means there is none.
        blanks: drop blanks between characters (corpora that separate characters by blanks).
        holdout: rows taken out of training as the split valid, where `valid` is empty.
    Shapes: pairs (first, second).
    Data: UTF-8, `.gz` and `.xz` as they are; `first<TAB>second`; CRLF and a byte order mark are accepted.
    Relations: for couplet.
    Reference: the couplet corpus of wb14123 comes as in.txt and out.txt.
    Example:
        data:
          root: corpora
          source: {type: pairs, train: [couplet/train/in.txt, couplet/train/out.txt], holdout: 4000}
    """

    implementation: ClassVar[str] = "nlpx.data.sources.pairs:PairsSource"
    row: ClassVar[RowType | None] = "pair"

    type: Literal["pairs"] = "pairs"
    train: CorpusPath | Annotated[list[CorpusPath], Field(min_length=2, max_length=2)]
    valid: CorpusPath | Annotated[list[CorpusPath], Field(min_length=2, max_length=2)] | None = None
    test: CorpusPath | Annotated[list[CorpusPath], Field(min_length=2, max_length=2)] | None = None
    blanks: bool = False

    def files(self, split: str) -> list[str]:
        value = {"train": self.train, "valid": self.valid, "test": self.test}.get(split)
        return [] if value is None else [value] if isinstance(value, str) else list(value)


class SegmentedText(SplitFiles):
    """Word-segmented text: one sentence a line, words separated by one or more blanks or tabs.

    Options:
        train: file.
        valid: file of the split valid; empty takes `holdout` rows of train.
        test: file of the split test; empty means there is none.
        holdout: rows taken out of training as the split valid, where `valid` is empty.
    Shapes: sentences (words).
    Data: UTF-8, `.gz` and `.xz` as they are; CRLF, a byte order mark and the ideographic space are accepted;
        empty lines are skipped.
    Relations: for segmentation.
    Reference: the format of the SIGHAN 2005 bakeoff.
    Example:
        data:
          root: corpora
          source: {type: segmented_text, train: icwb2-data/training/pku_training.utf8, holdout: 1000}
    """

    implementation: ClassVar[str] = "nlpx.data.sources.segmented_text:SegmentedTextSource"
    row: ClassVar[RowType | None] = "sentence"

    type: Literal["segmented_text"] = "segmented_text"


class Poems(SplitFiles):
    """Poems, one a line, cut into verses of lines that are equally long.

    Options:
        train: file.
        valid: file of the split valid; empty takes `holdout` rows of train.
        test: file of the split test; empty means there is none.
        unit: couplet makes a verse of two lines, quatrain of four; poems are cut at full stops, and what is
            left of a poem when quatrains are cut is a row that no config keeps.
        forms: read only poems of these forms, as the first column names them; empty reads all.
        holdout: rows taken out of training as the split valid, where `valid` is empty.
    Shapes: verses of 10 or 14 (couplet), 20 or 28 characters (quatrain), their marks dropped.
    Data: UTF-8, `.gz` and `.xz` as they are; `form<TAB>title<TAB>author<TAB>text`, with a comma between the
        lines of a couplet and a full stop (or `！`, `？`, `；`) behind it. Verses of another shape keep their
        marks, and the task leaves them out and counts them.
    Relations: for poem, which keeps the verses of `data.length` characters.
    Reference: the regulated verse of the Tang: kexue.fm archive 5332.
    Example:
        data:
          root: corpora
          source: {type: poems, train: poem/train.tsv.gz, forms: [五律, 五绝], holdout: 2000}
    """

    implementation: ClassVar[str] = "nlpx.data.sources.poems:PoemsSource"
    row: ClassVar[RowType | None] = "verse"

    type: Literal["poems"] = "poems"
    unit: Literal["couplet", "quatrain"] = "couplet"
    forms: list[str] | None = None


class Articles(SplitFiles):
    """Articles with their headlines: JSON lines, TSV, or folders of text files.

    Options:
        train: file or folder.
        valid: the same for the split valid; empty takes `holdout` rows of train.
        test: the same for the split test; empty means there is none.
        where: keep only articles whose field has this value, or one of these; others are passed over, and a
            file of which nothing is left is an error.
        group: field whose value names the group that a row is also reported with; rows without it have none.
        holdout: rows taken out of training as the split valid, where `valid` is empty.
    Shapes: articles (title, content).
    Data: a name with `.jsonl` or `.json`: a line `{"title": ..., "content": ...}` with any further fields; a
        folder: every `.txt` file below it, title in the first line, with the field `category`, the name of
        its folder; else lines `title<TAB>content`. UTF-8, `.gz` and `.xz` as they are. Blanks and line
        breaks in a text become one blank.
    Relations: for title.
    Reference: folders are those of THUCNews, http://thuctc.thunlp.org.
    Example:
        data:
          root: corpora
          source: {type: articles, train: news.jsonl.gz, where: {kind: brief}, holdout: 500}
    """

    implementation: ClassVar[str] = "nlpx.data.sources.articles:ArticlesSource"
    row: ClassVar[RowType | None] = "article"
    reads_folders: ClassVar[bool] = True

    type: Literal["articles"] = "articles"
    where: dict[str, str | list[str]] = {}
    group: str = "kind"
