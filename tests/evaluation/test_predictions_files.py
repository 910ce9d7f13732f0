import csv
import gzip
import io
import subprocess
import sys

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from cxrzoo.data import records_from_csv
from cxrzoo.data.splits import official_lists
from cxrzoo.errors import DataNotFoundError, EvaluationError, TableError
from cxrzoo.evaluation import evaluate_predictions, read_predictions
from cxrzoo.labels import NO_FINDING

FEW = {"n_bootstrap": 5, "metadata_baseline": False}


def write(path, *lines):
    path.write_text("\n".join(lines) + "\n")
    return path


def rows_of(path):
    with gzip.open(path, "rt", newline="") as stream:
        return list(csv.DictReader(stream))


def test_real_files_agree_with_scikit_learn(real):
    report = evaluate_predictions(real.predictions, real.entries, n_bootstrap=20)
    findings = {r["Image Index"]: r["Finding Labels"].split("|") for r in rows_of(real.entries)}
    rows = rows_of(real.predictions)
    assert (report.n, report.units, report.unit) == (len(rows), 516, "patient")
    for row in report.rows:
        truth = [row.label in findings[r["Image Index"]] for r in rows]
        score = [float(r[f"prob_{row.label}"]) for r in rows]
        assert row.roc_auc == pytest.approx(roc_auc_score(truth, score), abs=1e-12)
        assert row.average_precision == pytest.approx(
            average_precision_score(truth, score), abs=1e-12
        )
    assert {s.subgroup for s in report.subgroups} == {"view", "sex", "age", "follow_up"}
    assert all(0 < row.metadata_roc_auc < 1 for row in report.rows)
    assert report.name == "chexnet_predictions.csv.gz"


def test_no_keras_and_no_backend_is_imported(real):
    program = (
        "import sys\n"
        "from cxrzoo.evaluation import evaluate_predictions\n"
        "report = evaluate_predictions(*sys.argv[1:], n_bootstrap=2)\n"
        "report.to_json(); report.to_markdown(); report.to_csv()\n"
        "assert report.n == 1852\n"
        "assert not {'keras', 'tensorflow', 'jax', 'torch', 'PIL', 'matplotlib'} & set(sys.modules)\n"
    )
    command = [sys.executable, "-c", program, str(real.predictions), str(real.entries)]
    subprocess.run(command, check=True)


def test_importing_the_floor_imports_no_scientific_library():
    program = (
        "import sys, cxrzoo.evaluation\n"
        "assert not {'numpy', 'scipy', 'sklearn', 'keras', 'matplotlib'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_no_finding_can_be_derived(real):
    report = evaluate_predictions(real.predictions, real.entries, derive_no_finding=True, **FEW)
    assert report.labels[-1] == NO_FINDING
    assert len(report.macro_findings.labels) == 14
    assert report.no_finding.finding_and_none == 0


def test_images_of_the_official_test_list_are_recognised(real, tmp_path):
    rows, test = rows_of(real.predictions), official_lists()[1]
    inside = [row for row in rows if row["Image Index"] in test]
    assert 0 < len(inside) < len(rows)
    assert evaluate_predictions(real.predictions, real.entries, **FEW).split is None
    text = io.StringIO()
    writer = csv.DictWriter(text, inside[0])
    writer.writeheader()
    writer.writerows(inside)
    path = write(tmp_path / "official.csv", text.getvalue())
    report = evaluate_predictions(path, real.entries, **FEW)
    assert (report.split, report.part) == ("official", "test")


TRUTH = (
    "image,study,Mass,Pleural effusion",
    "a.png,p1,1,0",
    "b.png,p1,0,",
    "c.png,p2,0,1",
    "d.png,p3,1,0",
)


def test_a_table_of_ones_own_is_joined_by_name_in_any_order(tmp_path):
    truth = write(tmp_path / "truth.csv", *TRUTH)
    predictions = write(
        tmp_path / "predictions.csv",
        "path,model,prob_Pleural_effusion,Mass",
        r"C:\films\c.png,m,0.8,0.3",
        "/films/a.png,m,0.2,0.9",
        "b.png,m,0.7,0.4",
    )
    report = evaluate_predictions(predictions, truth, groups="image", **FEW)
    assert report.labels == ("Mass", "Pleural effusion")
    assert report["Mass"].n == 3
    assert report["Pleural effusion"].n == 2
    assert report.scored.images == ("c.png", "a.png", "b.png")
    np.testing.assert_array_equal(report.scored.y_score, [[0.3, 0.8], [0.9, 0.2], [0.4, 0.7]])
    named = evaluate_predictions(predictions, truth, patient_column="study", **FEW)
    assert (named.unit, named.units) == ("patient", 2)


@pytest.mark.parametrize(
    ("predictions", "truth", "error", "message"),
    [
        (["image,Mass", "a.png,0.1", "z.png,0.2", "y.png,1"], TRUTH, EvaluationError,
         r"no row for 2 of 3 predicted images, e.g. z.png, y.png"),
        (["image,Mass", "a.png,0.1", "x/a.png,0.2"], TRUTH, TableError,
         r"1 of 2 rows name an image that came before, e.g. a.png"),
        (["image,Mass", "a.png,0.1"], [*TRUTH, "a.png,p1,1,0"], TableError, "repeat an image"),
        (["image,Mass", "x/a.png,0.1"], [*TRUTH, "x/a.png,p1,1,0"], EvaluationError,
         "several rows for 1 of the predicted images, e.g. a.png"),
        (["image,Mass", "a.png,high"], TRUTH, TableError, "expected a number for 'a.png', got 'high'"),
        (["image,Mass", "a.png,inf"], TRUTH, EvaluationError, "finite; 1 cells are not"),
        (["image,Nodule", "a.png,0.1"], TRUTH, TableError, "neither NIH's table nor one with a column"),
        (["image,Mass", "a.png,0.1"], ["image,Mass", "a.png,-1"], TableError,
         r"expected 1, 0 or blank \(not known\), or yes and no, got '-1'"),
        (["image,Mass", "a.png,0.1"], ["name,Mass", "a.png,1"], TableError, "usual columns of image"),
        (["Mass", "0.1"], ["image,Mass", "a.png,1"], TableError, "no column of image names"),
        (["image,Mass", "a.png,0.1"], ["image,Mass", "a.png,1"], EvaluationError, "--patient-column"),
    ],
)  # fmt: skip
def test_files_that_do_not_fit_are_one_clear_error(predictions, truth, error, message, tmp_path):
    left = write(tmp_path / "predictions.csv", *predictions)
    right = write(tmp_path / "truth.csv", *truth)
    groups = "patient" if "--patient-column" in message else "image"
    with pytest.raises(error, match=message) as caught:
        evaluate_predictions(left, right, groups=groups, **FEW)
    assert "\n" not in str(caught.value)


def test_predictions_for_no_nih_label_are_refused_with_both_spellings(real, tmp_path):
    predictions = write(tmp_path / "p.csv", "Image Index,prob_Scoliosis", "00000013_000.png,0.2")
    with pytest.raises(
        TableError, match="expected columns such as 'prob_Atelectasis' or 'Atelectasis'"
    ):
        evaluate_predictions(predictions, real.entries, **FEW)


def test_a_file_that_is_not_there_is_said(real, tmp_path):
    with pytest.raises(DataNotFoundError, match=r"nowhere\.csv"):
        evaluate_predictions(tmp_path / "nowhere.csv", real.entries)
    with pytest.raises(DataNotFoundError, match=r"nowhere\.csv"):
        evaluate_predictions(real.predictions, tmp_path / "nowhere.csv")
    with pytest.raises(EvaluationError, match="patient, image, got 'ward'"):
        evaluate_predictions(real.predictions, real.entries, groups="ward")


def chexpert(root, column="Path"):
    """A table as CheXpert's, and the same images as they were scored elsewhere, in another order."""
    names = [
        f"patient{p}/study{s}/view{v}_frontal.jpg" for p in (1, 2) for s in (1, 2) for v in (1, 2)
    ]
    truth = [f"{column},Mass", *(f"CheXpert-v1.0/valid/{n},{i % 2}" for i, n in enumerate(names))]
    return names, write(root / "truth.csv", *truth)


@pytest.mark.parametrize(
    "written",
    [
        "{}",
        "scans/valid/{}",
        "./valid/{}",
        "/data/CheXpert-v1.0-small/valid/{}",
        r"C:\scans\valid\{}",
    ],
)
def test_images_whose_file_names_repeat_are_matched_by_as_many_folders_as_it_takes(
    written, tmp_path
):
    names, truth = chexpert(tmp_path)
    of = dict(zip(names, np.linspace(0.1, 0.9, len(names)), strict=True))
    rows = [written.format(name).replace("/", "\\" if "C:" in written else "/") for name in names]
    scores = [f"{row},{of[name]:.3f}" for row, name in zip(rows, names, strict=True)]
    predictions = write(tmp_path / "s.csv", "image,prob_Mass", *scores[::-1])
    report = evaluate_predictions(predictions, truth, groups="image", **FEW)
    assert report.scored.images == tuple(names[::-1])
    np.testing.assert_array_equal(report.scored.y_true[:, 0], [i % 2 for i in range(8)][::-1])
    found = read_predictions(predictions, labels=["Mass"])
    assert found.images == tuple(names[::-1])
    for part in (scores[:1], scores[2:5]):  # names need not repeat in the predictions
        predictions = write(tmp_path / "part.csv", "image,prob_Mass", *part)
        report = evaluate_predictions(predictions, truth, groups="image", **FEW)
        assert report.n == len(part)


def test_names_that_could_be_several_images_or_none_are_refused_and_named(tmp_path):
    _, truth = chexpert(tmp_path)
    for image, message in (
        ("view1_frontal.jpg", "truth has several rows for 1 of .*view1_frontal.jpg"),
        ("study1/view1_frontal.jpg", "truth has several rows for 1"),
        ("patient3/study1/view1_frontal.jpg", "no row for 1 of 1 .* by folders where those repeat"),
        ("patient1/study1/veiw1_frontal.jpg", r"nearest: 'view1_frontal\.jpg'"),
    ):
        predictions = write(tmp_path / "s.csv", "image,Mass", f"{image},0.5")
        with pytest.raises(EvaluationError, match=message):
            evaluate_predictions(predictions, truth, groups="image", **FEW)


def test_near_forms_of_names_are_one_image_where_one_row_can_be_meant(tmp_path):
    truth = write(
        tmp_path / "truth.csv", "image,Mass", "a.png,1", "B\u00e9.PNG,0", "c.png,1", "d.dcm,0"
    )
    scores = ("image,Mass", "A.png,0.9", "be\u0301.png,0.1", "c.dcm,0.8", r".\x\d.dcm,0.2")
    predictions = write(tmp_path / "s.csv", *scores)
    report = evaluate_predictions(predictions, truth, groups="image", **FEW)
    np.testing.assert_array_equal(report.scored.y_true[:, 0], [1, 0, 1, 0])


def test_the_truth_takes_the_cells_that_records_from_csv_takes(tmp_path):
    cells = (
        "1",
        "1.0",
        "1.00",
        " 1 ",
        "1e0",
        "0",
        "0.00",
        "-0",
        "00",
        "+1",
        "",
        " ",
        "2",
        "nan",
        "-1",
        "x",
    )
    predictions = write(tmp_path / "s.csv", "image,Mass", "a.png,0.9", "b.png,0.1")
    for name in ("a.png", "b.png"):
        (tmp_path / name).touch()
    for cell in cells:
        truth = write(tmp_path / "truth.csv", "image,Mass", f"a.png,{cell}", "b.png,0")
        try:
            expected = records_from_csv(truth, labels=["Mass"]).targets
        except TableError as error:
            with pytest.raises(TableError) as caught:
                evaluate_predictions(predictions, truth, groups="image", **FEW)
            assert str(caught.value) == str(error)
            assert cell in cells[-4:]
        else:
            report = evaluate_predictions(predictions, truth, groups="image", **FEW)
            np.testing.assert_array_equal(report.scored.y_true, expected)
