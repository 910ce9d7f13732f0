"""Reports that commit 977409a wrote, when subgroups were called strata, read and made again.

``tests/earlier/write_earlier.py`` says how the files were made.
"""

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from cxrzoo.evaluation import (
    Report,
    auc_report,
    choose_thresholds,
    compare,
    fit_calibration,
    write_html,
)

FILES = Path(__file__).parents[1] / "earlier" / "files"
EXPECTED = json.loads((FILES / "expected.json").read_text("utf-8"))["report"]


@pytest.fixture(scope="module")
def earlier():
    return Report.from_json(FILES / "report.json")


@pytest.fixture(scope="module")
def today(earlier):
    """The same report and another model's, measured anew from the numbers they were made of."""
    scored = earlier.require_scored()
    rng = np.random.default_rng(0)
    n = len(scored.y_true)
    rng.random((2, n, 4))  # the truth and the scores
    other = np.clip(0.2 * np.nan_to_num(scored.y_true) + 0.7 * rng.random((n, 4)), 0, 1)
    metadata = {
        "age": rng.integers(20, 90, n),
        "sex": np.where(rng.random(n) < 0.5, "F", "M"),
        "view": np.where(rng.random(n) < 0.6, "PA", "AP"),
    }
    half = scored.y_true[:60], scored.y_score[:60]
    common = {
        "labels": scored.labels,
        "groups": scored.groups,
        "images": scored.images,
        "n_bootstrap": 50,
        "seed": 1,
    }
    report = auc_report(
        scored.y_true,
        scored.y_score,
        **common,
        metadata=metadata,
        metadata_score=rng.random((n, 4)),
        thresholds=choose_thresholds(*half, labels=scored.labels, part="validation"),
        name="model a",
        data="made up",
        split="patient",
        part="test",
    )
    return report, auc_report(scored.y_true, other, **common, name="model b")


def in_todays_words(text):
    return text.replace("strata", "subgroups").replace("stratum", "subgroup")


def test_a_report_of_earlier_is_read_and_written_with_todays_names(earlier):
    assert earlier.macro.roc_auc == EXPECTED["macro"]
    rows = [[row.label, row.n, row.positives, row.roc_auc] for row in earlier.rows]
    subgroups = [[s.subgroup, s.value, s.label, s.n, s.roc_auc] for s in earlier.subgroups]
    # repr shows every digit, and NaN equals NaN in it.
    assert repr(rows) == repr(EXPECTED["rows"])
    assert repr(subgroups) == repr(EXPECTED["strata"])
    before = (FILES / "report.json").read_text("utf-8")
    assert '"strata"' in before
    new = '  "unmatched_predictions": [],\n  "unmatched_truth": []\n'
    again = earlier.to_json(predictions=True)
    assert new in again
    texts = [text.split(' "predictions": ')[0] for text in (again, in_todays_words(before))]
    assert texts[0].replace(",\n" + new, "\n") == texts[1]
    held, was = (json.loads(text)["predictions"] for text in (again, before))
    assert (held["groups"], held["images"]) == (was["groups"], was["images"])
    raw = base64.b64decode(held["y_score"]["base64"])
    scores = np.frombuffer(raw, held["y_score"]["dtype"]).reshape(held["y_score"]["shape"])
    np.testing.assert_array_equal(scores, was["y_score"])
    truth = np.frombuffer(base64.b64decode(held["y_true"]["base64"]), "|u1")
    assert truth.tolist() == [2 if one is None else one for row in was["y_true"] for one in row]


def test_a_report_of_today_is_the_same_text(earlier, today):
    report, _ = today
    assert report.to_json(predictions=True) == earlier.to_json(predictions=True)
    for one in (earlier, report):
        assert one.to_csv() == (FILES / "report.csv").read_text("utf-8")
        assert one.to_markdown() == in_todays_words((FILES / "report.md").read_text("utf-8"))


def test_a_report_of_earlier_is_compared_and_shown(earlier, today, tmp_path):
    assert compare(earlier, today[1]).to_markdown() == EXPECTED["comparison"]
    pages = [
        write_html(one, tmp_path / "page.html").read_text("utf-8") for one in (earlier, today[0])
    ]
    assert pages[0] == pages[1]


def test_a_report_without_predictions_is_read_too(earlier):
    plain = Report.from_json(FILES / "report_plain.json")
    assert plain.scored is None
    assert plain.macro.roc_auc == EXPECTED["plain_macro"]
    scored = earlier.require_scored()
    again = auc_report(scored.y_true, scored.y_score, labels=scored.labels, n_bootstrap=0)
    assert plain.to_json() == again.to_json()


def test_thresholds_and_calibration_come_out_as_before(earlier):
    scored = earlier.require_scored()
    half = scored.y_true[:60], scored.y_score[:60]
    thresholds = choose_thresholds(*half, labels=scored.labels, part="validation", method="youden")
    calibration = fit_calibration(*half, labels=scored.labels, part="validation")
    for name, found in (("thresholds", thresholds), ("calibration", calibration)):
        before = (FILES / f"{name}.json").read_text("utf-8")
        assert json.dumps(found.as_dict()) == before
