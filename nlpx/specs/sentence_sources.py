"""Sources of sentences: in groups that mean the same, or in pairs with a score."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.specs.sources import RowType, SplitFiles


class Groups(SplitFiles):
    """Groups of sentences that mean the same: one sentence a line, with the name of its group.

    Options:
        train: file.
        valid: file of the split valid; empty takes whole groups of train with `holdout` rows or a few more.
        test: file of the split test; empty means there is none.
        holdout: rows taken out of training as the split valid, where `valid` is empty; whole groups.
    Shapes: questions (group_id, text).
    Data: UTF-8, `.gz` and `.xz` as they are; `group_id<TAB>sentence` in any order; CRLF and a byte order mark
        are accepted. Groups of train with one sentence are bad rows.
    Relations: for similarity.
    Reference: kexue.fm archive 5743 (the corpus of the article is private).
    Example:
        data:
          root: corpora
          source: {type: groups, train: similarity/groups_train.tsv.gz, holdout: 2000}
    """

    implementation: ClassVar[str] = "nlpx.data.sources.groups:GroupsSource"
    row: ClassVar[RowType | None] = "question"

    type: Literal["groups"] = "groups"


class ScoredPairs(SplitFiles):
    """Pairs of sentences with a number that says how alike they are.

    Options:
        train: file.
        valid: file of the split valid; empty takes `holdout` rows of train.
        test: file of the split test; empty means there is none.
        holdout: rows taken out of training as the split valid, where `valid` is empty; no sentence of them
            stays in train, so they are rows whose sentences stand in few others.
    Shapes: scored pairs (first, second, score).
    Data: UTF-8, `.gz` and `.xz` as they are; `first<TAB>second<TAB>score`; CRLF and a byte order mark are
        accepted. Any finite numbers, labels 0 and 1 as well; more is more alike.
    Relations: for similarity with a loss and metrics that are made for scored_pair rows.
    Reference: the format of STS-B (Cer et al. 2017, arXiv 1708.00055), LCQMC, BQ.
    Example:
        data:
          root: corpora
          source: {type: scored_pairs, train: similarity/stsb_train.tsv.gz, holdout: 500}
        loss: cosent
        metrics: [correlation]
        checkpoint: {monitor: valid/spearman}
    """

    implementation: ClassVar[str] = "nlpx.data.sources.scored_pairs:ScoredPairsSource"
    row: ClassVar[RowType | None] = "scored_pair"

    type: Literal["scored_pairs"] = "scored_pairs"
