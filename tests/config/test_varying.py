"""Options that may follow a schedule, in config files."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from nlpx.components.losses.cross_entropy import CrossEntropy
from nlpx.components.varying import Scheduled
from nlpx.config.dump import dump_experiment
from nlpx.config.json_schema import json_schema
from nlpx.config.load import load_experiment
from nlpx.config.problems import ConfigProblems
from nlpx.core.component import builtin_registry
from nlpx.specs.experiment import Experiment
from nlpx.specs.options import options_of


def load(folder: Path, smoothing: str) -> Experiment:
    path = folder / "c.yaml"
    path.write_text(f"task: couplet\nloss: {{type: cross_entropy, label_smoothing: {smoothing}}}\n", "utf-8")
    return load_experiment(path).experiment


def test_a_schedule_survives_the_dump(tmp_path: Path) -> None:
    experiment = load(tmp_path, "{value: 0.1, schedule: {type: linear, final: 0.1}}")
    assert isinstance(experiment.loss, CrossEntropy)
    option = experiment.loss.label_smoothing
    assert isinstance(option, Scheduled)
    assert (option.value, option.schedule.type, option.schedule.range) == (0.1, "linear", (0.1, 1.0))
    (tmp_path / "again.yaml").write_text(dump_experiment(experiment), encoding="utf-8")
    assert load_experiment(tmp_path / "again.yaml").experiment == experiment


@pytest.mark.parametrize(
    ("smoothing", "problem"),
    [
        ("2", "C105: loss.label_smoothing: out of range; got the integer 2, expected less than 1"),
        ("{value: 2, schedule: linear}", "C105: loss.label_smoothing.value: out of range; got the integer 2"),
        (
            "{value: 0.1, schedule: linaer}",
            "C106: loss.label_smoothing.schedule: there is no schedule called",
        ),
        (
            "{value: 0.1, shedule: linear}",
            "C101: loss.label_smoothing.shedule: unknown key; expected value or",
        ),
        ("{value: 0.1}", "C102: loss.label_smoothing.schedule: the key is missing"),
        ("{schedule: linear}", "C102: loss.label_smoothing.value: the key is missing"),
        ("abc", 'C103: loss.label_smoothing: wrong type; got the string "abc", expected a number or a map'),
        ("{value: x, schedule: linear}", "C103: loss.label_smoothing.value: wrong type; got the string"),
        (
            "{value: 0.5, schedule: {type: linear, final: 3}}",
            "C109: loss.label_smoothing.schedule: the option takes the value 0.5 * 3, but it should be less",
        ),
    ],
)
def test_problems_name_the_key(tmp_path: Path, smoothing: str, problem: str) -> None:
    with pytest.raises(ConfigProblems) as caught:
        load(tmp_path, smoothing)
    assert any(problem in str(found) for found in caught.value.problems)
    assert "Scheduled" not in str(caught.value)
    # A misspelt key is reported beside the one that is missing.
    assert len(caught.value.problems) == (2 if "unknown key" in problem else 1)


def test_the_json_schema_knows_both_forms() -> None:
    schema = json_schema(builtin_registry())
    validator = Draft202012Validator(schema)

    def valid(smoothing: object) -> bool:
        loss = {"type": "cross_entropy", "label_smoothing": smoothing}
        return validator.is_valid({"task": "couplet", "loss": loss})

    assert valid(0.1) and valid({"value": 0.1, "schedule": {"type": "linear", "final": 0.1}})
    assert not valid(1.5) and not valid({"value": 1.5, "schedule": "linear"}) and not valid({"value": 0.1})
    texts = schema["$defs"]["ScheduledGe0Lt1"]["properties"]
    assert texts["value"]["description"].startswith("the number that")


def test_describe_shows_both_forms() -> None:
    (option,) = options_of(CrossEntropy)
    assert (option.type, option.default) == ("number >= 0 and < 1 or {value, schedule}", "0.0")
