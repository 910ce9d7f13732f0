"""Frames, columns by name, masked arrays and tensors: each score stays under its own label and image."""

import itertools

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxrzoo import Records
from cxrzoo.errors import CxrZooError, DataError, EvaluationError
from cxrzoo.evaluation import (
    Calibration,
    Predictions,
    apply_no_finding_policy,
    auc_report,
    average_precision,
    choose_thresholds,
    compare,
    evaluate_predictions,
    fit_calibration,
    fit_metadata_baseline,
    roc_auc,
)

LABELS = ["Mass", "Edema", "No Finding"]
RNG = np.random.default_rng(0)
TRUTH = (RNG.random((60, 3)) < 0.4).astype(float)
SCORE = 1 / (1 + np.exp(-(TRUTH * [2.0, 1.0, 0.3] + RNG.normal(size=(60, 3)))))
NAMES = [f"{i:03d}.png" for i in range(60)]
PATIENTS = [f"p{i // 2}" for i in range(60)]
VIEWS = ["AP", "PA", "PA"] * 20
EXPECTED = auc_report(
    TRUTH, SCORE, labels=LABELS, groups=PATIENTS, n_bootstrap=20, metadata={"view": VIEWS}
)


def frame(values, index=NAMES, columns=LABELS):
    return pd.DataFrame(values, index=index, columns=columns)


def measured(truth, score, **more):
    more = {"groups": PATIENTS, "metadata": {"view": VIEWS}, **more}
    return auc_report(truth, score, labels=LABELS, n_bootstrap=20, **more)


@given(st.permutations(LABELS), st.permutations(range(60)), st.permutations(range(60)))
@settings(max_examples=15, deadline=None)
def test_columns_and_rows_in_any_order_are_measured_by_their_names(columns, rows, others):
    truth, score = frame(TRUTH), frame(SCORE)[list(columns)].iloc[list(rows)]
    groups = pd.Series(PATIENTS, index=NAMES).iloc[list(others)]
    metadata = pd.DataFrame({"view": VIEWS}, index=NAMES).iloc[list(rows)]
    assert measured(truth, score, groups=groups, metadata=metadata) == EXPECTED
    assert measured(truth[list(columns)], SCORE) == EXPECTED


def test_the_names_are_read_wherever_scores_and_truth_are_taken():
    shuffled = frame(SCORE)[LABELS[::-1]]
    truth = frame(TRUTH)
    np.testing.assert_array_equal(roc_auc(truth, shuffled), roc_auc(TRUTH, SCORE))
    np.testing.assert_array_equal(
        average_precision(truth, shuffled), average_precision(TRUTH, SCORE)
    )
    for function, more in ((choose_thresholds, {}), (fit_calibration, {})):
        by_name = function(truth, shuffled, labels=LABELS, part="validation", **more)
        assert by_name == function(TRUTH, SCORE, labels=LABELS, part="validation", **more)
    line = Calibration(tuple(LABELS), (1.0, 2.0, 3.0), (0.0, 0.5, 1.0), "platt", "validation")
    np.testing.assert_array_equal(line.apply(shuffled), line.apply(SCORE))
    derived = apply_no_finding_policy(shuffled, labels=LABELS, policy="derived")
    np.testing.assert_array_equal(
        derived, apply_no_finding_policy(SCORE, labels=LABELS, policy="derived")
    )
    again = Predictions(tuple(NAMES), tuple(LABELS), shuffled)
    np.testing.assert_array_equal(again.scores, SCORE)
    ages = pd.DataFrame({"age": np.arange(60.0)}, index=NAMES)
    fitted = fit_metadata_baseline(ages[::-1], truth[LABELS[::-1]], labels=LABELS)
    plain = fit_metadata_baseline({"age": np.arange(60.0)}, TRUTH, labels=LABELS)
    np.testing.assert_allclose(
        fitted.predict(ages), plain.predict({"age": np.arange(60.0)}), rtol=1e-6
    )
    records = Records(
        pd.Series(NAMES, index=NAMES),
        truth[LABELS[::-1]][::-1],
        LABELS,
        pd.Series(PATIENTS, NAMES)[::-1],
    )
    np.testing.assert_array_equal(records.targets, TRUTH)
    assert list(records.patients) == PATIENTS


def test_a_frame_may_hold_more_and_columns_may_come_as_a_mapping():
    assert measured(frame(TRUTH).assign(file=NAMES), frame(SCORE).assign(age=3)) == EXPECTED
    columns = {label: SCORE[:, i] for i, label in enumerate(LABELS)}
    assert measured(TRUTH, dict(reversed(columns.items()))) == EXPECTED


def test_predictions_are_brought_into_the_order_of_a_truth_that_names_images():
    order = RNG.permutation(60)
    predictions = Predictions(
        tuple(f"films/{NAMES[i]}" for i in order), tuple(LABELS), SCORE[order]
    )
    for truth in (frame(TRUTH), frame(TRUTH, index=[f"films/{name}" for name in NAMES])):
        report = measured(truth, predictions)
        assert report.rows == EXPECTED.rows
        assert report.scored.images == tuple(NAMES)
    with pytest.raises(EvaluationError, match="index of y_true does not name the images"):
        measured(frame(TRUTH, index=[f"study {i}" for i in range(60)]), predictions)


@pytest.mark.parametrize(
    ("truth", "score", "message"),
    [
        (frame(TRUTH), frame(SCORE, columns=["Mass", "Edema", "Nodule"]), "no column for 'No Finding'"),
        (frame(TRUTH), frame(SCORE, index=[f"x{n}" for n in NAMES]), "rows of y_score are not those"),
        (frame(TRUTH), frame(SCORE, index=["a", *NAMES[1:]]), r"no row '000.png'"),
        (frame(TRUTH), frame(SCORE, index=["001.png", *NAMES[1:]]), "rows of y_score are not"),
        (frame(TRUTH), frame(np.c_[SCORE, SCORE], columns=LABELS * 2), "several columns of one name"),
        (TRUTH, frame(np.c_[SCORE, SCORE[:, :1]], columns=[*LABELS, "mass"])[["mass", *LABELS[1:]]]
         .assign(MASS=1.0), "'mass', 'MASS', which all mean 'Mass'"),
        (TRUTH, SCORE + 1j, "received values of type complex128"),
        (TRUTH, SCORE.astype("datetime64[s]"), "received values of type datetime64"),
        (TRUTH, [["high", "low", "0.2"]] * 60, "received the text 'high'"),
        (TRUTH, [[0.1, 0.2, {}]] * 60, "a dict"),
        (TRUTH, [[0.1, 0.2], [0.3]], "array of values"),
        (TRUTH, [[10**400, 1, 1]] * 60, "too large for a float"),
        (TRUTH, np.ma.masked_where(np.eye(60, 3) > 0, SCORE), "finite; 3 cells are not"),
        (TRUTH, np.zeros(60, dtype=[("a", "f8")]), "received values of type"),
    ],
)  # fmt: skip
def test_what_does_not_agree_is_one_clear_error(truth, score, message):
    with pytest.raises(EvaluationError, match=message) as caught:
        measured(truth, score)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


def test_rows_of_unlike_tables_are_refused_for_every_argument():
    strangers = [f"x{name}" for name in NAMES]
    for more in (
        {"groups": pd.Series(PATIENTS, index=strangers)},
        {"metadata": pd.DataFrame({"view": VIEWS}, index=strangers)},
        {"metadata_score": frame(SCORE, index=strangers)},
    ):
        with pytest.raises(EvaluationError, match="by their index"):
            measured(frame(TRUTH), SCORE, **more)
    with pytest.raises(DataError, match="by their index"):
        Records(pd.Series(NAMES, index=NAMES), frame(TRUTH, index=strangers), LABELS)


def test_numbers_come_in_every_dress():
    tensor = keras.ops.convert_to_tensor(SCORE.astype("float32"))
    for score in (
        SCORE.astype(str),
        SCORE.astype(object),
        SCORE.tolist(),
        np.ma.array(SCORE, mask=False),
        pd.DataFrame(SCORE).astype("Float64"),
    ):
        assert measured(TRUTH, score) == EXPECTED
    assert measured(TRUTH, tensor).rows[0].roc_auc == pytest.approx(EXPECTED.rows[0].roc_auc)
    if keras.backend.backend() == "torch":
        import torch  # noqa: PLC0415 - on this backend alone

        grown = torch.tensor(SCORE, requires_grad=True)
        assert measured(TRUTH, grown) == EXPECTED
        assert measured(torch.tensor(TRUTH).bool(), grown * 1) == EXPECTED
        short = measured(TRUTH, grown.bfloat16())
        assert short.rows[0].roc_auc == pytest.approx(EXPECTED.rows[0].roc_auc, abs=0.01)


def test_a_masked_cell_of_the_truth_is_not_known():
    hidden = RNG.random((60, 3)) < 0.2
    unknown = np.where(hidden, np.nan, TRUTH)
    expected = measured(unknown, SCORE)
    nullable = pd.DataFrame(TRUTH.astype(int), columns=LABELS).astype("Int64").mask(hidden)
    as_text = np.where(hidden, "", TRUTH.astype(int).astype(str))
    for truth in (np.ma.array(TRUTH, mask=hidden), nullable, as_text, as_text.tolist()):
        assert measured(truth, SCORE) == expected
        records = Records(NAMES, truth, LABELS)
        np.testing.assert_array_equal(records.targets, unknown)


SPELLINGS = ["Pleural_Thickening", "Pleural Thickening", "pleural thickening", "PLEURAL-THICKENING"]


@pytest.mark.parametrize(("ours", "theirs"), list(itertools.permutations(SPELLINGS, 2)))
def test_a_label_is_the_same_in_every_spelling(ours, theirs, tmp_path):
    (tmp_path / "s.csv").write_text(
        f"image,prob_{ours},prob_Pleural Effusion,notes\na.png,0.9,0.2,x\nb.png,0.1,0.7,y\n",
        "utf-8",
    )
    (tmp_path / "t.csv").write_text(
        f"image,{theirs},effusion,Oedema,ward\na.png,1,0,1,x\nb.png,0,1,0,y\n", "utf-8"
    )
    report = evaluate_predictions(
        tmp_path / "s.csv", tmp_path / "t.csv", groups="image", n_bootstrap=0
    )
    assert report.labels == (theirs, "effusion")
    assert [row.roc_auc for row in report.rows] == [1, 1]
    # What was not measured is named in the report and on the page.
    assert report.unmatched_predictions == ("notes",)
    assert report.unmatched_truth == ("Oedema", "ward")
    assert "truth, because nothing was predicted for it: Oedema, ward." in report.to_markdown()
    assert type(report).from_json(report.to_json()) == report
    scores = Predictions(("a.png", "b.png"), (ours, "Hernia"), np.array([[0.9, 0.1], [0.1, 0.2]]))
    of_model = evaluate_predictions(scores, tmp_path / "t.csv", groups="image", n_bootstrap=0)
    assert of_model.labels == (theirs,)
    assert of_model.unmatched_predictions == ("Hernia",)
    other = auc_report([0, 1], [0.1, 0.2], labels=[ours], n_bootstrap=5)
    same = auc_report([0, 1], [0.1, 0.3], labels=[theirs], n_bootstrap=5)
    assert [row.label for row in compare(other, same).rows] == [ours]
    assert Records(["a"], [[1]], (ours,)).relabel([theirs]).labels == (theirs,)


def test_names_that_cannot_be_told_apart_are_refused(tmp_path):
    (tmp_path / "s.csv").write_text("image,prob_Mass\na.png,0.9\nb.png,0.1\n", "utf-8")
    (tmp_path / "t.csv").write_text("image,mass,MASS\na.png,1,0\nb.png,0,1\n", "utf-8")
    with pytest.raises(CxrZooError, match="both mean 'Mass'"):
        evaluate_predictions(tmp_path / "s.csv", tmp_path / "t.csv", groups="image")
