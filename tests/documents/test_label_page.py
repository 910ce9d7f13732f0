"""docs/labels.md has the figures that the benchmarks left, in its tables and in its text."""

import json
import sys

from blocks import ROOT

from cxrzoo.evaluation import published_rows

PAGE = ROOT / "docs" / "labels.md"


def result(name):
    return json.loads((ROOT / "benchmarks" / "results" / name).read_text("utf-8"))


def test_the_tables_are_those_of_the_results(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks" / "labels")
    import label_pages  # noqa: PLC0415 - a script, importable from its folder only

    text = PAGE.read_text("utf-8")
    assert label_pages.with_tables(text) == text
    sys.modules.pop("label_pages")


def test_figures_in_the_text_are_those_of_the_results():
    text = " ".join(PAGE.read_text("utf-8").split())
    worth, models = result("label_worth.json"), result("label_models.json")
    rows = {row["label"]: row for row in worth["scorecard"]["rows"]}
    one = rows["Infiltration"]
    assert (
        f"Of NIH's {one['label_positives']} images with infiltration they confirm {one['both']};"
        in text
    )
    one = rows["Atelectasis"]
    assert (
        f"of the {one['expert_positives']} that they call atelectasis NIH has {one['both']}."
        in text
    )
    draw = worth["draw"]
    assert f"the smallest p is {min(row['p'] for row in draw['labels']):.2f}" in text
    low, _, high = draw["patients_in_a_random_draw"]
    assert f"from {draw['patients']} patients where a plain draw" in text
    assert f"would have {low:.0f} to {high:.0f}" in text
    assert f"positive ({worth['other']['differ']} images)" in text
    assert worth["other"]["differ_if_abnormal_without_a_finding_counts"] == 0
    mean = models["models"]["DenseNet121, public predictions"]["label_auc_of_all_findings"]
    assert (f"NIH's labels is {mean['mean']:.3f}" in text, mean["n"]) == (True, 14)
    for row in published_rows().values():
        if row.split == "nih-official":
            above = sum(
                auc > rows[label]["perfect_auc"] for label, auc in row.auc.items() if label in rows
            )
            assert 12 <= above <= 14
    assert "above this column for 12 to 14 of the findings" in text
    for name in ("nih-mini", "age, sex and view"):
        limits = models["models"][name]["mean"]["difference_interval"]
        assert limits["low"] < 0 < limits["high"]
    few = [
        row["label"]
        for row in rows.values()
        if min(row["label_positives"], row["expert_positives"]) < 20
    ]
    assert f"say little: {', '.join(name.lower() for name in few)}." in text
    assert (
        f"{worth['study_of_2019']['in_the_official_test_list']:,} images of the test list" in text
    )
