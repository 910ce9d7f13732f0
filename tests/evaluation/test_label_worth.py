"""What NIH's labels are worth, in every report on NIH test data, from figures that ship."""

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from cxrzoo.evaluation import Report, auc_report, write_html
from cxrzoo.evaluation.report.label_worth import nih_agreement
from cxrzoo.labels import NIH_FINDINGS, NIH_LABELS

COUNTS = {  # NIH positive, radiologists positive, both: counted from the files by issue 25's author
    "Atelectasis": (102, 303, 68),
    "Infiltration": (104, 61, 13),
    "Edema": (8, 23, 0),
    "Emphysema": (39, 7, 1),
    "Pneumonia": (12, 2, 0),
}
REPOSITORY = Path(__file__).parents[2]


def report(**where):
    rng = np.random.default_rng(0)
    return auc_report(
        rng.integers(0, 2, (30, 15)),
        rng.random((30, 15)),
        labels=NIH_LABELS,
        n_bootstrap=0,
        **where,
    )


def test_the_figures_that_ship_are_those_of_the_counts():
    found = nih_agreement()
    assert tuple(found) == NIH_FINDINGS
    for label, counts in COUNTS.items():
        row = found[label]
        assert (row.label_positives, row.expert_positives, row.both) == counts
    for row in found.values():
        assert row.n == 810
        a, b, both, n = row.label_positives, row.expert_positives, row.both, row.n
        negative_right = n - a - b + both
        observed, chance = (both + negative_right) / n, (a * b + (n - a) * (n - b)) / n**2
        npv = negative_right / (n - a)
        expected = [both / a, both / b, (observed - chance) / (1 - chance), (both / a + npv) / 2]
        np.testing.assert_allclose(
            [row.ppv, row.sensitivity, row.kappa, row.perfect_auc], expected, atol=1e-5
        )
        for value, limits in ((row.ppv, row.ppv_interval), (row.ac1, row.ac1_interval)):
            assert limits.low <= value <= limits.high


def test_what_ships_is_what_the_benchmark_found():
    text = (REPOSITORY / "benchmarks" / "results" / "label_worth.json").read_text("utf-8")
    result = json.loads(text)
    assert max(result["checks"]["largest_differences"].values()) < 1e-9
    shipped = nih_agreement()
    for row in result["scorecard"]["rows"]:
        np.testing.assert_allclose(shipped[row["label"]].kappa, row["kappa"], atol=1e-5)
        assert shipped[row["label"]].both == row["both"]


@pytest.mark.parametrize(
    "where",
    [
        {"data": "nih-chestxray14", "split": "official", "part": "test"},
        {"data": "nih-chestxray14"},
        {"data": "chestmnist", "part": "test"},
    ],
)
def test_a_report_on_nih_test_data_says_for_every_finding_what_its_label_is_worth(where, tmp_path):
    found = report(**where)
    for text in (
        found.to_markdown(details=False),
        Report.from_json(found.to_json()).to_markdown(),
        write_html(found, tmp_path / "report.html").read_text(),
    ):
        assert "0 of 12 positives (Pneumonia)" in text
        assert "76 of 114 (Pneumothorax)" in text or "68 of 102 (Atelectasis)" in text
    rows = [line for line in found.to_markdown().splitlines() if "| 810 |" in line]
    assert [row.split("|")[1].strip() for row in rows] == list(NIH_FINDINGS)
    assert "| 810 |   102 |            303 |   68 |" in rows[0]


@pytest.mark.parametrize(
    "where",
    [
        {"data": "nih-chestxray14", "part": "validation"},
        {"data": "nih-chestxray14", "part": "train"},
        {"data": "nih-experts", "part": "test"},
        {"data": "chexpert", "split": "official", "part": "test"},
        {},
    ],
)
def test_other_data_and_parts_have_no_such_line(where, tmp_path):
    found = report(**where)
    assert "radiologists" not in found.to_markdown()
    assert "radiologists" not in write_html(found, tmp_path / "report.html").read_text()


class Drawn(HTMLParser):
    """Names of the rows of each drawing, and its marks."""

    def __init__(self):
        super().__init__()
        self.drawings, self.open = [], []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "svg":
            self.drawings.append({"title": given["aria-label"], "circle": 0, "path": 0, "text": []})
        elif self.drawings and tag in ("circle", "path"):
            self.drawings[-1][tag] += 1
        self.open.append(tag)

    handle_startendtag = handle_starttag

    def handle_data(self, data):
        if self.open and self.open[-1] == "text" and self.drawings:
            self.drawings[-1]["text"].append(data)


def test_the_page_draws_ppv_and_sensitivity_of_every_finding(tmp_path):
    page = Drawn()
    page.feed(write_html(report(data="nih-chestxray14"), tmp_path / "report.html").read_text())
    (drawing,) = [one for one in page.drawings if one["title"].startswith("PPV and sensitivity")]
    assert drawing["circle"] == 14
    assert set(NIH_FINDINGS) <= set(drawing["text"])
    assert "13 of 104; 13 of 61" in drawing["text"]
