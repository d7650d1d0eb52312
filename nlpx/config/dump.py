"""An experiment as YAML with every default filled in."""

from __future__ import annotations

import yaml

from nlpx.specs.experiment import Experiment


def dump_experiment(experiment: Experiment) -> str:
    """YAML text that loads to an equal experiment."""
    return yaml.safe_dump(
        experiment.model_dump(mode="json"),
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=None,
        width=110,
    )
