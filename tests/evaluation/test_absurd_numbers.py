"""Numbers that cannot be are refused where they come in: in reports, ages, tables and arrays."""

import json

import numpy as np
import pytest

from cxrzoo.data import read_nih_entries
from cxrzoo.errors import CxrZooError, EvaluationError, TableError
from cxrzoo.evaluation import Report, auc_report, choose_thresholds, fit_metadata_baseline

LABELS = ["Mass", "No Finding"]
TRUTH = np.array([[0, 1], [1, 0], [1, 1], [0, 0]] * 5)
SCORE = np.random.default_rng(0).random((20, 2))


@pytest.fixture(scope="module")
def content():
    thresholds = choose_thresholds(TRUTH[::-1], SCORE, labels=LABELS, part="validation")
    report = auc_report(
        TRUTH, SCORE, labels=LABELS, n_bootstrap=5, thresholds=thresholds,
        metadata={"view": ["AP", "PA"] * 10}, metadata_score=SCORE / 2,
    )  # fmt: skip
    return json.loads(report.to_json())


def numbers_in(value, path=()):
    if isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from numbers_in(one, (*path, key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path


def changed(content, path, text):
    """The JSON with the number at ``path`` written as ``text``."""
    copy = json.loads(json.dumps(content))
    at = copy
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = "HERE"
    return json.dumps(copy).replace('"HERE"', text)


def test_every_number_of_a_report_has_bounds(content):
    paths = list(numbers_in(content))
    assert len(paths) > 100
    for path in paths:
        for text in ("1e999", "-1e999", "1" + "0" * 400, "NaN", "Infinity", "1" * 5000, "1e400"):
            with pytest.raises(EvaluationError, match="not a report") as caught:
                Report.from_json(changed(content, path, text))
            assert len(str(caught.value)) < 500
        free = {"seed", "values", "threshold", "target", "low", "high", "gain"}
        if path[-1] in free or path[-2] in free or "cross_entropy" in str(path[-1]):
            continue
        with pytest.raises(EvaluationError, match=r"not a report|negative|must lie"):
            Report.from_json(changed(content, path, "-1"))
        if path[-1] not in ("n", "units", "n_bootstrap", "one_class_replicates"):
            with pytest.raises(EvaluationError, match="not a report"):
                Report.from_json(changed(content, path, "1000000000"))


def test_a_report_nested_for_ever_is_refused():
    for text in ('{"schema": ' + "[" * 100_000, '{"a":' * 5000 + "1" + "}" * 5000):
        with pytest.raises(EvaluationError, match="not a report"):
            Report.from_json(text)


@pytest.mark.parametrize(
    "age", ["9" * 400, "9" * 400 + "Y", "1e999", "inf", "-inf", "Y", "1" * 5000 + "Y"]
)
def test_ages_of_four_hundred_digits(tmp_path, age):
    (tmp_path / "e.csv").write_text(
        "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position\n"
        f"a.png,Mass,0,1,{age},M,PA\n",
        "utf-8",
    )
    with pytest.raises(TableError, match="'Patient Age': cannot read") as caught:
        read_nih_entries(tmp_path / "e.csv")
    assert len(str(caught.value)) < 400 + len(str(tmp_path))


def test_a_study_number_of_many_digits(tmp_path):
    (tmp_path / "e.csv").write_text(
        "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position\n"
        f"a.png,Mass,{10**30},1,40,M,PA\n",
        "utf-8",
    )
    with pytest.raises(TableError, match="'Follow-up #': cannot read"):
        read_nih_entries(tmp_path / "e.csv")


@pytest.mark.parametrize("age", [float("inf"), 10**400, "1e999", np.float32("-inf")], ids=str)
def test_ages_in_arrays_are_finite_or_missing(age):
    ages = np.empty(20, object)
    ages[:] = [30, age] * 10
    with pytest.raises(EvaluationError, match="age"):
        auc_report(TRUTH, SCORE, labels=LABELS, n_bootstrap=0, metadata={"age": ages})
    with pytest.raises(EvaluationError, match="age"):
        fit_metadata_baseline({"age": ages}, TRUTH, labels=LABELS)


@pytest.mark.parametrize(
    "options",
    [
        {"n_bootstrap": 10**400}, {"n_bootstrap": -1}, {"n_bootstrap": 2.5}, {"n_bootstrap": "many"},
        {"n_bootstrap": 10**12}, {"n_bootstrap": True}, {"seed": -1}, {"seed": "x"}, {"seed": 1.5},
        {"confidence": float("nan")},
        {"confidence": 10**400}, {"confidence": "0.95"}, {"confidence": 1}, {"interval": 3},
    ],
)  # fmt: skip
def test_options_of_a_report_that_cannot_be(options):
    with pytest.raises((CxrZooError, TypeError)) as caught:
        auc_report(TRUTH, SCORE, labels=LABELS, **{"n_bootstrap": 2, **options})
    assert next(iter(options)) in str(caught.value)
    assert len(str(caught.value)) < 400
