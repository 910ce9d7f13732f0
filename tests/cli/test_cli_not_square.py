"""Images that are not square, from the shell: what a model was trained with is what it is shown."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import cxrzoo
from cxrzoo.data import open_pack
from cxrzoo.errors import EvaluationError
from cxrzoo.images import read_image


@pytest.fixture
def wide(tmp_path):
    """A table of real X-rays whose lower half is cut off, 128 x 64."""
    sample = cxrzoo.load_sample()[::3]
    table = tmp_path / "wide.csv"
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "patient_id", "No Finding"])
        for row, path in enumerate(sample.images):
            image = Image.open(path).crop((0, 0, 128, 64))
            image.save(tmp_path / f"{row}.png")
            writer.writerow([f"{row}.png", sample.patients[row], int(sample.targets[row, -1])])
    return table


def test_what_was_trained_padded_is_packed_predicted_and_evaluated_padded(
    cxrzoo_command, wide, score, tmp_path
):
    data = ("--csv", wide, "--labels", "No Finding", "--patient-column", "patient_id")
    trained = cxrzoo_command(
        *("train", *data, "--recipe", "cnn-test1-b", "--image-size", 32, "--epochs", 1),
        *("--aspect", "pad", "--cache", tmp_path / "pack", "--output", tmp_path / "run"),
    )
    assert trained.status == 0, trained.err
    assert open_pack(tmp_path / "pack").index.aspect == "pad"
    model = cxrzoo.from_pretrained(tmp_path / "run" / "model", verify=True)
    assert model.cxrzoo.aspect == "pad"

    files = [wide.parent / f"{row}.png" for row in range(3)]
    said = json.loads(cxrzoo_command("predict", *files, "-m", tmp_path / "run/model", "--json").out)
    found = [one["scores"] for one in said["predictions"]]
    padded, stretched = (
        score(model, np.stack([read_image(path, 32, aspect=aspect) for path in files]))
        for aspect in ("pad", "stretch")
    )
    np.testing.assert_allclose(found, padded, atol=1e-6)
    assert np.abs(padded - stretched).max() > 1e-4

    measured = cxrzoo_command(
        *("evaluate", *data, "--part", "all", "-m", tmp_path / "run/model"),
        *("--bootstrap", 0, "--json"),
    )
    records = cxrzoo.records_from_csv(wide, labels=["No Finding"], patient_column="patient_id")
    report = cxrzoo.evaluate(model, records.dataset(image_size=32, aspect="pad"), n_bootstrap=0)
    other = replace(model.cxrzoo, aspect="stretch")
    auc = json.loads(measured.out)["report"]["macro"]["roc_auc"]
    assert auc == pytest.approx(report.macro.roc_auc, abs=1e-6)
    with pytest.raises(EvaluationError, match=r"aspect='pad' .* aspect='stretch'"):
        cxrzoo.evaluate(model, records.dataset(image_size=32))
    model.cxrzoo = other
    plain = cxrzoo.evaluate(model, records.dataset(image_size=32), n_bootstrap=0)
    assert abs(plain.macro.roc_auc - auc) > 1e-4


def test_a_pack_of_another_aspect_is_not_trained_on(cxrzoo_command, wide, tmp_path):
    data = ("--csv", wide, "--labels", "No Finding", "--patient-column", "patient_id")
    assert cxrzoo_command("pack", *data, "--image-size", 32, "-o", tmp_path / "pack").status == 0
    ended = cxrzoo_command(
        *("train", *data, "--recipe", "cnn-test1-b", "--image-size", 32, "--aspect", "crop"),
        *("--cache", tmp_path / "pack", "--output", tmp_path / "run"),
    )
    assert ended.status == 2
    assert "aspect='stretch', not 'crop'" in ended.err
