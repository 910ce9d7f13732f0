"""A folder as a hospital might send it, from files to scores and to a report, by the command line."""

import csv
import os
import shutil

import pytest


@pytest.fixture
def sent(tmp_path, sample_files):
    """Two studies of equal file names, one of them linked, and what systems left beside them."""
    kept = tmp_path / "kept" / "patient2"
    folders = [tmp_path / "sent" / "patient1", kept]
    for i, folder in enumerate(folders):
        folder.mkdir(parents=True)
        for j, view in enumerate(("view1_frontal.png", "view2_frontal.png")):
            shutil.copy(sample_files[2 * i + j], folder / view)
    (tmp_path / "sent" / "patient2").symlink_to(kept)
    (kept / "back").symlink_to(tmp_path / "sent")
    for name in (
        "__MACOSX/._x.png",
        "patient1/._view1_frontal.png",
        "patient1/.ipynb_checkpoints/view1-checkpoint.png",
        "@eaDir/view1.png/SYNOPHOTO_THUMB_M.jpg",
        "Thumbs.db",
    ):
        path = tmp_path / "sent" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"no image")
    return tmp_path / "sent"


IMAGES = [f"patient{i}/view{j}_frontal.png" for i in (1, 2) for j in (1, 2)]


def scored(path):
    with path.open(newline="") as file:
        return [row["image"] for row in csv.DictReader(file)]


def test_a_folder_is_scored_without_what_systems_left_and_with_what_is_linked(
    cxrzoo_command, saved_model, sent, tmp_path
):
    ended = cxrzoo_command("predict", sent, "-m", saved_model, "-o", tmp_path / "s.csv")
    assert ended.status == 0, ended.err
    assert [os.path.relpath(image, sent) for image in scored(tmp_path / "s.csv")] == IMAGES


def test_what_cannot_be_read_is_named_or_skipped_folders_too(
    cxrzoo_command, saved_model, sent, tmp_path, monkeypatch
):
    os.mkfifo(sent / "patient1" / "pipe.png")
    predict = ("predict", sent, "-m", saved_model)
    assert "pipe.png: not a file" in cxrzoo_command(*predict).err
    (sent / "locked").mkdir()
    scandir = os.scandir

    def refusing(path="."):
        if os.path.basename(path) == "locked":  # noqa: PTH119
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    ended = cxrzoo_command(*predict)
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert "locked cannot be looked into (Permission denied)" in ended.err
    ended = cxrzoo_command(
        *predict, "--on-error", "skip", "-o", tmp_path / "s.csv", "--quarantine", tmp_path / "q.csv"
    )
    assert ended.status == 1
    assert [os.path.relpath(image, sent) for image in scored(tmp_path / "s.csv")] == IMAGES
    left = [os.path.relpath(image, sent) for image in scored(tmp_path / "q.csv")]
    assert left == ["locked", "patient1/pipe.png"]
    assert "2 of 6 files skipped" in ended.err


def test_scores_of_a_folder_where_file_names_repeat_are_measured(
    cxrzoo_command, saved_model, sent, tmp_path
):
    cxrzoo_command("predict", sent, "-m", saved_model, "-o", tmp_path / "s.csv")
    rows = [f"dataset/{image},{image[:8]},{i % 2}" for i, image in enumerate(IMAGES)]
    (tmp_path / "truth.csv").write_text("\n".join(["path,patient,Mass", *rows, "more.png,p,1", ""]))
    evaluate = ("evaluate", "--predictions", tmp_path / "s.csv", "--truth", tmp_path / "truth.csv")
    ended = cxrzoo_command(*evaluate, "--bootstrap", 5)
    assert ended.status == 0, ended.err
    assert "4 images" in ended.out


def test_packs_leakage_and_predictions_call_an_image_the_same(sent, saved_model, tmp_path):
    import cxrzoo  # noqa: PLC0415 - after the tests of what importing loads
    from cxrzoo.inference import predict_files  # noqa: PLC0415 - as above

    predictions = predict_files(saved_model, str(sent))
    records = cxrzoo.Records(predictions.images, [[i % 2] for i in range(4)], ("Mass",))
    pack = cxrzoo.pack(records, tmp_path / "pack", 16)
    with (pack.directory / "sources.csv").open(newline="") as file:
        packed = [row["file"] for row in csv.DictReader(file)]
    report = cxrzoo.auc_report(records.targets, predictions, labels=["Mass"], n_bootstrap=0)
    assert packed == list(report.scored.images) == IMAGES
    assert [name[-len(packed[0]) :] for name in records.leakage(records).files] == packed
