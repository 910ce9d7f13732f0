"""Tables as spreadsheets of every country save them."""

import gzip

import numpy as np
import pytest

from cxrzoo import records_from_csv
from cxrzoo.errors import TableError
from cxrzoo.evaluation import evaluate_predictions

ROWS = [
    ["image", "Mass", "Pleural Effusion", "patient"],
    ["a.png", "1", "", "7"],
    ["ö, b.png", "0", "1", ""],
    ["c.png", "", "0", "9"],
]


@pytest.fixture
def folder(tmp_path):
    for name in ("a.png", "ö, b.png", "c.png"):
        (tmp_path / name).touch()
    return tmp_path


def written(rows, delimiter=",", end="\r\n"):
    def cell(text):
        return f'"{text}"' if delimiter in text else text

    return "".join(delimiter.join(map(cell, row)) + end for row in rows)


def read(folder, content):
    path = folder / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    records = records_from_csv(path, labels=["Mass", "Effusion"], patient_column="patient")
    names = [name.removeprefix(str(folder)).strip("/\\") for name in records.images]
    return names, records.targets.tolist(), list(records.patients)


EXPECTED = (
    ["a.png", "ö, b.png", "c.png"],
    [[1.0, np.nan], [0.0, 1.0], [np.nan, 0.0]],
    ["7", None, "9"],
)


@pytest.mark.parametrize(
    "content",
    [
        *(written(ROWS, delimiter, end) for delimiter in ",;\t" for end in ("\n", "\r\n")),
        "\ufeff" + written(ROWS, ";"),
        "sep=;\r\n" + written(ROWS, ";"),
        '"sep=\t"\r\n' + written(ROWS, "\t"),
        written(ROWS, "\t").encode("utf-16"),
        ("\ufeff" + written(ROWS, ";")).encode("utf-16-be"),
        written(ROWS) + ",,,\r\n" * 40,
        written(ROWS) + ",,,,,,\r\n\r\n , ,,\r\n",
        written([[*row, "", ""] for row in ROWS]),
        written([ROWS[0], *([*row, "", " "] for row in ROWS[1:])]),
        written([[f" {cell} " for cell in row] for row in ROWS], ";"),
        written(ROWS)[:-2],
    ],
)
def test_every_dialect_is_the_same_table(folder, content):
    names, targets, patients = read(folder, content)
    assert (names, patients) == (EXPECTED[0], EXPECTED[2])
    np.testing.assert_array_equal(targets, EXPECTED[1])
    zipped = folder / "z.csv.gz"
    zipped.write_bytes(gzip.compress(content if isinstance(content, bytes) else content.encode()))
    again = records_from_csv(zipped, labels=["Mass", "Effusion"])
    np.testing.assert_array_equal(again.targets, EXPECTED[1])


def test_a_decimal_comma_is_a_number_where_commas_part_no_cells(tmp_path):
    (tmp_path / "s.csv").write_text(
        "image;prob_Mass\na.png;0,75\nb.png;1e-3\nc.png;,5\n".replace(";,5", ";0,5"), "utf-8"
    )
    (tmp_path / "t.csv").write_text("image\tMass\na.png\t1\nb.png\t0\nc.png\t0,0\n", "utf-8")
    report = evaluate_predictions(
        tmp_path / "s.csv", tmp_path / "t.csv", groups="image", n_bootstrap=0
    )
    np.testing.assert_array_equal(report.scored.y_score[:, 0], [0.75, 0.001, 0.5])
    (tmp_path / "s.csv").write_text('image,prob_Mass\na.png,"0,75"\nb.png,0\nc.png,1\n', "utf-8")
    with pytest.raises(TableError, match=r"expected a number for 'a.png', got '0,75'"):
        evaluate_predictions(tmp_path / "s.csv", tmp_path / "t.csv", groups="image")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04" + bytes(60), r"\(.xlsx or .ods\).*CSV was expected.*'CSV UTF-8'.*read_excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"old Excel workbook \(.xls\)"),
        (b"PAR1" + bytes(20), "Parquet file.*read_parquet"),
        ("image;Mass\nä.png;1\n".encode("cp1252"), "not UTF-8 text.*'CSV UTF-8'"),
        (b",,,\n,,\n", "empty"),
        (b"image,Mass\n,,\n,\n", "no rows"),
        (b"image,Mass\na.png,1,2\n", "line 2: expected 2 cells as in the header, got 3"),
        (b"image,Mass\n,1\n", "1 rows name no image, the first is row 1"),
        (b"image,Mass\na.png,1\nNA,0\n", "rows name no image, the first is row 2"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_said_with_what_to_do(folder, content, words):
    (folder / "t.csv").write_bytes(content)
    with pytest.raises(TableError, match=words) as caught:
        records_from_csv(folder / "t.csv", labels=["Mass"])
    assert "\n" not in str(caught.value)
