"""The program that compares the network of every shipped config with its conversion, on a few of them."""

from __future__ import annotations

import pytest

from tests.test_benchmarks import ROOT, benchmark

pytest.importorskip("tf2onnx")
pytest.importorskip("onnxruntime")


def test_some_configs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["vectors", "gan/grid", "sentiment", "ode", "similarity/stsb"]
    configs = [f"{ROOT}/configs/{name}.yaml" for name in names]
    code = benchmark(monkeypatch, "exports", *configs, "--limit", "40")
    lines = capsys.readouterr().out.splitlines()
    assert code == 0, lines
    assert [line.split()[0] for line in lines] == [f"configs/{name}.yaml" for name in names]
    assert "no graph: " in lines[0] and "generate, score: 16 inputs, 40 rows" in lines[1]
    assert "probabilities: " in lines[2] and "no network" in lines[3] and "without data" in lines[4]
