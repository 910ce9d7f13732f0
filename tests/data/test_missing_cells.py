"""One 'missing' and one identifier, wherever patients, subgroups, metadata, targets or cells are read."""

import decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrzoo import Records, records_from_csv
from cxrzoo.cells import identifier, is_missing, number
from cxrzoo.data.tables import flags
from cxrzoo.errors import DataError, TableError
from cxrzoo.evaluation import auc_report, evaluate_predictions, fit_metadata_baseline
from cxrzoo.pretrained import patient_set

NOTHING = [
    None, float("nan"), np.nan, np.float32("nan"), np.float16("nan"), pd.NA, pd.NaT, np.datetime64("NaT"),
    np.ma.masked, decimal.Decimal("NaN"), decimal.Decimal("sNaN"), complex("nan"), "", "  ", "\t", "nan",
    "NaN", " NAN ", "NA", "N/A", "n/a", "<NA>", "#N/A", "NULL", "null", "None", "NaT", "-nan",
    b"", b"nan",
]  # fmt: skip
SOMETHING = [
    0,
    0.0,
    False,
    "0",
    "no",
    "-",
    "?",
    "unknown",
    "Nancy",
    "NAN1",
    "nil.png",
    np.int64(0),
    b"0",
]


@pytest.mark.parametrize("cell", NOTHING, ids=repr)
def test_nothing_is_nothing_everywhere(cell):
    assert is_missing(cell)
    assert identifier(cell) is None
    column = np.empty(4, object)
    column[:] = ["a", cell, "a", cell]
    assert list(Records(list("wxyz"), [[0]] * 4, ("A",), column).patients) == ["a", None, "a", None]
    measured = {"labels": ["x"], "n_bootstrap": 0}
    report = auc_report(
        [0, 1, 0, 1], [1, 2, 3, 4], groups=column, metadata={"view": column}, **measured
    )
    assert report.units == 3  # one patient, and two images that stand for themselves
    assert [(one.value, one.n) for one in report.subgroups] == [("a", 2)]
    ages = np.empty(4, object)
    ages[:] = [30, cell, 90, cell]
    aged = auc_report([0, 1, 0, 1], [1, 2, 3, 4], metadata={"age": ages}, **measured)
    assert [(one.value, one.n) for one in aged.subgroups] == [("18-39", 1), ("80+", 1)]
    blank = fit_metadata_baseline({"sex": column, "age": ages}, [0, 1, 1, 1], labels=["x"])
    plain = fit_metadata_baseline(
        {"sex": ["a", "", "a", ""], "age": [30, np.nan, 90, np.nan]}, [0, 1, 1, 1], labels=["x"]
    )
    given = {"sex": ["a", ""], "age": [50, np.nan]}
    np.testing.assert_array_equal(blank.predict(given), plain.predict(given))
    truth = np.empty((4, 1), object)
    truth[:, 0] = [0, cell, 1, cell]
    np.testing.assert_array_equal(
        Records(list("wxyz"), truth, ("A",)).targets[:, 0], [0, np.nan, 1, np.nan]
    )
    assert auc_report(truth, [1, 2, 3, 4], **measured).rows[0].n == 2
    assert patient_set(column).members == patient_set(["a"]).members
    if isinstance(cell, str):
        assert np.isnan(flags("t.csv", "A", [cell], ["a.png"])[0])
        assert np.isnan(number(cell))


@pytest.mark.parametrize("cell", SOMETHING, ids=repr)
def test_something_is_something(cell):
    assert not is_missing(cell)
    assert identifier(cell) is not None


TWELVE = [
    12, 12.0, "12", " 12 ", "12.0", "12.00", np.int8(12), np.uint64(12), np.float32(12), np.float64(12),
    decimal.Decimal(12), decimal.Decimal("12.0"), b"12",
]  # fmt: skip


@pytest.mark.parametrize("cell", TWELVE, ids=repr)
def test_a_number_is_one_patient_however_it_is_stored(cell):
    assert identifier(cell) == "12"


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_what_pandas_makes_of_a_column_of_numbers_with_an_empty_cell(patient):
    with_gap = pd.Series([patient, None])
    assert [identifier(cell) for cell in with_gap] == [str(patient), None]
    assert identifier(str(float(patient)) if abs(patient) < 10**15 else patient) == str(patient)


def test_identifiers_keep_what_tells_them_apart():
    apart = ["012", "12", "1.20", "1.2", "12a", "1e3", "1000", "-12", "A.0", "12.0.0", 1.5, True]
    assert len({identifier(cell) for cell in apart}) == len(apart)
    with pytest.raises(DataError, match=r"no longer tells such large numbers apart.*dtype=str"):
        Records(["a"], [[0]], ("A",), [float(2**53 + 2)])
    assert identifier(2**60 + 1) == str(2**60 + 1)
    with pytest.raises(DataError, match="one name or number"):
        Records(["a"], [[0]], ("A",), [["p", "q"]])


def test_patients_of_two_tables_meet_whatever_read_them(tmp_path):
    (tmp_path / "t.csv").write_text("image,A,who\na.png,1,12\nb.png,0,14.0\nc.png,0,\n", "utf-8")
    for name in "abc":
        (tmp_path / f"{name}.png").touch()
    csv = records_from_csv(tmp_path / "t.csv", labels=["A"], patient_column="who")
    frame = pd.read_csv(tmp_path / "t.csv")
    for who in (
        frame.who,
        frame.who.astype("Int64"),
        frame.who.astype(object),
        np.ma.masked_invalid(frame.who),
    ):
        table = Records([f"x{i}" for i in range(3)], np.zeros((3, 1)), ("A",), who)
        assert list(table.patients) == list(csv.patients) == ["12", "14", None]
        assert csv.leakage(table).patients == 2
    ready = np.array([12.0, "14", None], object)
    ready.flags.writeable = False
    assert list(Records(list("abc"), [[0]] * 3, ("A",), ready).patients) == ["12", "14", None]


def test_a_truth_table_and_a_table_of_records_read_cells_alike(tmp_path):
    cells = ["1", "1.00", "TRUE", "Yes", "ja", "0", "0.0", "false", "no", "Nein", "", "NA", "nan"]
    rows = [f"{i}.png,{cell}" for i, cell in enumerate(cells)]
    (tmp_path / "t.csv").write_text("\n".join(["image,Mass", *rows]), "utf-8")
    scores = [f"{i}.png,0.{i:02d}" for i in range(len(cells))]
    (tmp_path / "s.csv").write_text("\n".join(["image,prob_Mass", *scores]), "utf-8")
    for i in range(len(cells)):
        (tmp_path / f"{i}.png").touch()
    expected = [1] * 5 + [0] * 5 + [np.nan] * 3
    records = records_from_csv(tmp_path / "t.csv", labels=["Mass"])
    np.testing.assert_array_equal(records.targets[:, 0], expected)
    report = evaluate_predictions(
        tmp_path / "s.csv", tmp_path / "t.csv", groups="image", n_bootstrap=0
    )
    np.testing.assert_array_equal(report.scored.y_true[:, 0], expected)


def test_words_of_ones_own(tmp_path):
    (tmp_path / "a.png").touch()
    (tmp_path / "b.png").touch()
    (tmp_path / "c.png").touch()
    (tmp_path / "t.csv").write_text("image,Mass\na.png,OUI\nb.png,-1\nc.png,None\n", "utf-8")
    values = {"oui": 1, "-1": None, "none": 0}
    records = records_from_csv(tmp_path / "t.csv", labels=["Mass"], cell_values=values)
    np.testing.assert_array_equal(records.targets[:, 0], [1, np.nan, 0])
    with pytest.raises(TableError, match=r"row 2 \('b.png'\).*got '-1'.*cell_values=\{'-1': 1\}"):
        records_from_csv(tmp_path / "t.csv", labels=["Mass"])
    with pytest.raises(TableError, match="1, 0 or None; received 2"):
        records_from_csv(tmp_path / "t.csv", labels=["Mass"], cell_values={"oui": 2})


def test_none_among_listed_labels_is_asked_about(tmp_path):
    (tmp_path / "a.png").touch()
    (tmp_path / "b.png").touch()
    (tmp_path / "t.csv").write_text("image,found\na.png,Mass|oedema\nb.png,None\n", "utf-8")
    with pytest.raises(TableError, match=r"'None', which may mean 'no finding' or 'not known'"):
        records_from_csv(tmp_path / "t.csv", label_column="found")
    labels = ["None", "Mass", "Edema"]
    records = records_from_csv(tmp_path / "t.csv", label_column="found", labels=labels)
    np.testing.assert_array_equal(records.targets, [[0, 1, 1], [1, 0, 0]])
