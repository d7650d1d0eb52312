"""Images in folders and lists."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nlpx.components.sources.folders import Folders
from nlpx.data.records import BadRow, LabelledImage
from nlpx.errors import DataError, UsageError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Classes of 20, 10 and 3 files; nothing in a file is read by the source."""
    for label, count in (("beagle", 20), ("pug", 10), ("柴犬", 3)):
        (tmp_path / "train" / label).mkdir(parents=True)
        for number in range(count):
            (tmp_path / "train" / label / f"{number}.jpg").write_bytes(bytes([number]))
    (tmp_path / "train" / ".DS_Store").write_bytes(b"")
    (tmp_path / "train" / "pug" / ".hidden.jpg").write_bytes(b"")
    return tmp_path


def good(source: Folders, split: str) -> list[LabelledImage]:
    rows = list(source.rows(split))
    assert not [row for row in rows if isinstance(row, BadRow)]
    return [row for row in rows if isinstance(row, LabelledImage)]


def test_classes_are_the_names_of_folders(root: Path) -> None:
    rows = good(Folders(train="train").open(root), "train")
    assert Counter(row.label for row in rows) == {"beagle": 20, "pug": 10, "柴犬": 3}
    assert {row.name for row in rows if row.label == "柴犬"} == {f"柴犬/{i}.jpg" for i in range(3)}
    assert all(Path(row.where).is_file() for row in rows)


@pytest.mark.parametrize(("share", "expected"), [(0.1, (2, 1, 1)), (0.5, (10, 5, 2)), (0.99, (19, 9, 2))])
def test_a_share_of_every_class_is_held_out(root: Path, share: float, expected: tuple[int, ...]) -> None:
    source = Folders(train="train", holdout_share=share).open(root)
    assert source.splits() == ("train", "valid")
    train, valid = good(source, "train"), good(source, "valid")
    held_out = Counter(row.label for row in valid)
    assert tuple(held_out[label] for label in ("beagle", "pug", "柴犬")) == expected
    assert len(train) + len(valid) == 33
    assert not set(train) & set(valid)
    assert {row.label for row in train} == {"beagle", "pug", "柴犬"}


def test_the_split_does_not_depend_on_the_place_of_the_folder(root: Path) -> None:
    before = {row.name for row in good(Folders(train="train", holdout_share=0.3).open(root), "valid")}
    moved = (root / "train").rename(root / "elsewhere")
    after = {row.name for row in good(Folders(train=str(moved), holdout_share=0.3).open(root), "valid")}
    assert before == after


def test_classes_are_mixed(root: Path) -> None:
    rows = good(Folders(train="train").open(root), "train")
    assert len({row.label for row in rows[:8]}) > 1
    assert [row.name for row in rows] == [
        row.name for row in good(Folders(train="train").open(root), "train")
    ]


def test_what_has_no_class_and_classes_of_one_are_bad_rows(root: Path) -> None:
    (root / "train" / "loose.jpg").write_bytes(b"")
    (root / "train" / "pug" / "more").mkdir()
    (root / "train" / "lonely").mkdir()
    (root / "train" / "lonely" / "a.jpg").write_bytes(b"")
    source = Folders(train="train", holdout_share=0.1).open(root)
    bad = {row.where: row.reason for row in source.rows("train") if isinstance(row, BadRow)}
    assert bad == {
        str(root / "train" / "loose.jpg"): "this file is not in a class folder",
        str(root / "train" / "pug" / "more"): "a folder inside the folder of a class; expected images only",
        str(
            root / "train" / "lonely" / "a.jpg"
        ): "the class 'lonely' has no other image; expected at least 2 of a class",
    }
    assert not [row for row in source.rows("valid") if isinstance(row, BadRow)]


def test_a_class_that_training_lacks_is_a_bad_row(root: Path) -> None:
    (root / "test" / "cat").mkdir(parents=True)
    (root / "test" / "cat" / "a.jpg").write_bytes(b"")
    (root / "test" / "pug").mkdir()
    (root / "test" / "pug" / "a.jpg").write_bytes(b"")
    source = Folders(train="train", test="test").open(root)
    assert source.splits() == ("train", "test")
    bad, found = sorted(source.rows("test"), key=lambda row: isinstance(row, LabelledImage))
    assert isinstance(found, LabelledImage) and found.label == "pug"
    assert isinstance(bad, BadRow) and bad.reason == "train has no image of the class 'cat'"


def test_a_list_of_files(root: Path) -> None:
    lines = [
        "train/pug/0.jpg\tpug",
        "train/pug/1.jpg \t pug",
        "train/pug/2.jpg",
        "a\tb\tc",
        "\tpug",
        "x.jpg\t",
    ]
    (root / "list.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = list(Folders(train="list.tsv").open(root).rows("train"))
    found = {row.name: row for row in rows if isinstance(row, LabelledImage)}
    assert {name: row.label for name, row in found.items()} == {
        "train/pug/0.jpg": "pug",
        "train/pug/1.jpg": "pug",
    }
    assert found["train/pug/0.jpg"].where == str(root / "train/pug/0.jpg")
    bad = {row.where.rpartition(":")[2]: row.reason for row in rows if isinstance(row, BadRow)}
    assert bad == {
        "3": "0 tabs; expected one, between path and class",
        "4": "2 tabs; expected one, between path and class",
        "5": "the path is empty",
        "6": "the class is empty",
    }


def test_the_fingerprint_knows_bytes_names_and_classes(root: Path) -> None:
    def fingerprint() -> str:
        return Folders(train="train").open(root).fingerprint("train")

    seen = {fingerprint()}
    path = root / "train" / "pug" / "0.jpg"
    path.write_bytes(b"other")
    seen.add(fingerprint())
    path = path.rename(path.with_name("00.jpg"))
    seen.add(fingerprint())
    path.unlink()
    seen.add(fingerprint())
    assert len(seen) == 4
    assert fingerprint() == fingerprint()


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Two classes of six images, and three without a class."""
    random = np.random.default_rng(0)
    for folder, count in (("train/beagle", 6), ("train/pug", 6), ("more", 3)):
        (tmp_path / folder).mkdir(parents=True)
        for number in range(count):
            pixels = random.integers(0, 256, (40, 40, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / folder / f"{number}.png")
    return tmp_path


def write_list(root: Path, *rows: tuple[str, str]) -> None:
    (root / "pseudo.tsv").write_text("".join(f"{path}\t{label}\n" for path, label in rows), encoding="utf-8")


def test_guessed_rows_are_trained_on_and_never_held_out(images: Path) -> None:
    plain = Folders(train="train", holdout_share=0.5).open(images)
    write_list(images, ("more/0.png", "pug"), ("more/1.png", "beagle"), ("more/2.png", "pug"))
    source = Folders(train="train", holdout_share=0.5, pseudo="pseudo.tsv").open(images)
    assert source.splits() == ("train", "valid")
    assert good(source, "valid") == good(plain, "valid")
    assert source.fingerprint("valid") == plain.fingerprint("valid")
    rows = good(source, "train")
    guessed = [row for row in rows if row not in good(plain, "train")]
    assert {(row.name, row.label) for row in guessed} == {
        ("more/0.png", "pug"),
        ("more/1.png", "beagle"),
        ("more/2.png", "pug"),
    }
    assert len(rows) == 6 + 3
    assert rows == good(source, "train")
    assert rows[-3:] != guessed  # `data.limit` takes some of both


def test_a_guess_about_an_image_with_a_label_is_a_bad_row(images: Path) -> None:
    """Whether that one is trained on, held out, or of test, and whatever the format of the copy."""
    source = Folders(train="train", holdout_share=0.5).open(images)
    (images / "test" / "pug").mkdir(parents=True)
    (images / "more" / "2.png").rename(images / "test" / "pug" / "a.png")
    known = [good(source, "train")[0].where, good(source, "valid")[0].where, str(images / "test/pug/a.png")]
    for number, where in enumerate(known):
        Image.open(where).save(images / "more" / f"copy{number}.bmp")
    names = ["more/copy0.bmp", "more/copy1.bmp", "more/copy2.bmp", "more/0.png"]
    write_list(images, *((name, "pug") for name in names))
    source = Folders(train="train", test="test", holdout_share=0.5, pseudo="pseudo.tsv").open(images)
    bad = {row.where: row.reason for row in source.rows("train") if isinstance(row, BadRow)}
    assert bad == {
        str(images / name): f"a pseudo-label for an image that has a label: {where}"
        for name, where in zip(names, known, strict=False)
    }
    taken = [row.name for row in source.rows("train") if isinstance(row, LabelledImage)]
    assert "more/0.png" in taken and not set(names[:3]) & set(taken)


def test_a_guess_adds_no_class_and_makes_no_lonely_image_good(images: Path) -> None:
    (images / "train" / "lonely").mkdir()
    (images / "more" / "2.png").rename(images / "train" / "lonely" / "a.png")
    (images / "more" / "torn.png").write_bytes(b"torn")
    write_list(
        images,
        ("more/0.png", "cat"),
        ("more/1.png", "lonely"),
        ("more/torn.png", "pug"),  # the task finds out
        ("more/missing.png", "pug"),
    )
    source = Folders(train="train", pseudo="pseudo.tsv").open(images)
    bad = {Path(row.where).name: row.reason for row in source.rows("train") if isinstance(row, BadRow)}
    assert bad == {
        "0.png": "train has no image of the class 'cat'",
        "a.png": "the class 'lonely' has no other image; expected at least 2 of a class",
    }


def test_the_fingerprint_of_train_knows_what_is_guessed(images: Path) -> None:
    def fingerprint(pseudo: str | None = "pseudo.tsv") -> str:
        return Folders(train="train", pseudo=pseudo).open(images).fingerprint("train")

    seen = {fingerprint(None)}
    for rows in ((("more/0.png", "pug"),), (("more/0.png", "beagle"),)):
        write_list(images, *rows)
        seen.add(fingerprint())
    (images / "more" / "0.png").write_bytes(b"other")
    seen.add(fingerprint())
    assert len(seen) == 4


def test_files_that_cannot_be_read_are_left_to_the_task(root: Path) -> None:
    """Whatever the reason, it is told of the row and stops no other."""
    (root / "train" / "pug" / "loop.jpg").symlink_to("loop.jpg")
    os.mkfifo(root / "train" / "pug" / "pipe.jpg")
    (root / "list.tsv").write_text(f"{'x' * 300}.jpg\tpug\ntrain/pug/0.jpg\tpug\n")
    for name, count in (("train", 35), ("list.tsv", 2)):
        source = Folders(train=name).open(root)
        assert len(good(source, "train")) == count
        assert len(source.fingerprint("train")) == 64


def test_errors_say_what_to_do(root: Path) -> None:
    source = Folders(train="train").open(root)
    with pytest.raises(UsageError, match=r"there is no split 'valid'.*holdout"):
        source.rows("valid")
    with pytest.raises(UsageError, match="there is no split 'test'"):
        source.fingerprint("test")
    (root / "empty").mkdir()
    with pytest.raises(DataError, match=r"nothing is in it\. Expected one folder of images for every class"):
        list(Folders(train="empty").open(root).rows("train"))
    with pytest.raises(DataError, match="there is no such file"):
        list(Folders(train="nowhere").open(root).rows("train"))
