"""Names of results: never shared, the same each time, and known again."""

from pathlib import Path

import pytest

from xiutu import contract
from xiutu.cli.batch import NoInputs, plan

FIELDS = ("scoremap", "labelmap")


def _files(folder: Path, *names: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"x")
    return str(folder)


def test_targets_are_kept_apart(tmp_path: Path) -> None:
    folder = _files(tmp_path / "in", "a.png", "a.bmp", "a.webp")
    items = plan([folder], tmp_path / "out")
    assert [(item.source.name, item.target.name) for item in items] == [
        ("a.bmp", "a.png"),
        ("a.png", "a.png.png"),
        ("a.webp", "a.webp.png"),
    ]


def test_one_name_in_many_folders(tmp_path: Path) -> None:
    folders = [_files(tmp_path / name, "a.jpg", "a.jpg.jpg") for name in ("d1", "d2", "d3", "d4")]
    items = plan(folders, tmp_path / "out")
    paths = [path for item in items for path in (item.target, item.lossless)]
    assert len(set(paths)) == len(paths) == 16
    assert plan(folders, tmp_path / "out") == items
    for item in items:  # and results that are there change nothing
        _files(item.target.parent, item.target.name)
    assert plan(folders, tmp_path / "out") == items
    assert all(item.finished for item in items)


def test_fields_are_kept_apart(tmp_path: Path) -> None:
    folder = _files(tmp_path / "in", "a.jpg", "a.png", "a.scoremap.png")
    items = plan([folder], tmp_path / "out", FIELDS)
    paths = [path for item in items for _, path in item.fields]
    paths += [item.target for item in items]
    assert len(set(paths)) == len(paths) == 9


def test_finished_is_an_exact_name(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (item,) = plan([_files(tmp_path / "in", "photo.jpg")], out)
    _files(out, "photo.small.png", "photo.jpg.bak", "photo2.jpg", ".photo.jpg.77.part")
    assert not item.finished
    _files(out, "photo.png")  # the input has alpha
    assert item.finished


def test_finished_with_every_field(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (item,) = plan([_files(tmp_path / "in", "photo.jpg")], out, FIELDS)
    _files(out, "photo.scoremap.png")
    assert not item.finished
    _files(out, "photo.labelmap.png")
    assert item.finished


@pytest.mark.parametrize(
    ("out", "lossless"), [("r.jpg", "r.png"), ("r.PNG", "r.PNG"), ("r.png", "r.png")]
)
def test_one_file(tmp_path: Path, out: str, lossless: str) -> None:
    _files(tmp_path, "in.jpg")
    (item,) = plan([str(tmp_path / "in.jpg")], tmp_path / out)
    assert (item.target.name, item.lossless.name) == (out, lossless)


def test_results_are_no_inputs(tmp_path: Path) -> None:
    out = tmp_path / "out"
    _files(out, "old.png")
    _files(tmp_path, "a.png")
    assert [item.source.name for item in plan([str(tmp_path)], out)] == ["a.png"]
    with pytest.raises(NoInputs, match="every input"):
        plan([str(out)], out)


def test_one_file_for_many(tmp_path: Path) -> None:
    _files(tmp_path, "a.png", "b.png")
    with pytest.raises(NoInputs, match="need a folder"):
        plan([str(tmp_path / "*.png")], tmp_path / "one.jpg")


def test_fields_come_from_the_contract() -> None:
    named = {row.id: row.response.picture_fields for row in contract.operators().values()}
    assert named["sky_seg"] == FIELDS
    assert named["remove_moire"] == ("image_processed",)
    assert all(named.values())
