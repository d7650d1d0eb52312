"""Which runs repeat one experiment: their configs are equal except for the seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from nlpx.runs.record import Snapshot
from nlpx.runs.result_settings import result_settings

DIGITS = 10


def config_id(experiment: Mapping[str, object]) -> str:
    """A hash of the settings that results depend on, without the seed.

    Options that are null do not count, because a later version may have added them.

    Args:
        experiment: a config as JSON values.
    """
    settings = {
        key: value
        for key, value in result_settings(experiment).items()
        if key != "seed" and value is not None
    }
    return _hash(settings)


def data_id(snapshot: Snapshot) -> str:
    """A hash of the data of all splits."""
    return _hash({split: record.sha256 for split, record in snapshot.data.items()})


def _hash(values: Mapping[str, object]) -> str:
    text = json.dumps(values, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]
