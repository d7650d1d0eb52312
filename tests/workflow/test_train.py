"""What the beginning of a training leaves behind when it fails."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from nlpx.workflow.train import start_run
from tests.trained import SEGMENTATION


def test_a_run_that_a_full_disk_ends_before_training_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, seen = tmp_path / "c.yaml", list[Path]()
    config.write_text(SEGMENTATION, encoding="utf-8")

    def full(folder: Path, *_: object) -> None:
        seen.append(folder.parent)
        raise OSError(errno.ENOSPC, "No space left on device", str(folder))

    monkeypatch.setattr("nlpx.workflow.train.save_vocabularies", full)
    with pytest.raises(OSError, match="No space left"):
        start_run(config, (), (), tmp_path / "runs", "first", lambda message: None)
    assert seen == [tmp_path / "runs" / "segmentation" / "first"]
    assert not seen[0].exists()
