import csv
import io
import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from cxrzoo import evaluation
from cxrzoo.errors import EvaluationError, MissingExtraError
from cxrzoo.evaluation import (
    Report,
    auc_report,
    choose_thresholds,
    plot_reliability,
    plot_roc,
    write_html,
)
from cxrzoo.labels import NO_FINDING


@pytest.fixture(scope="module")
def report(real):
    """Everything a report can hold, with a label that has no positives."""
    half = len(real.y_true) // 2
    labels = (*real.labels, NO_FINDING)
    truth = np.column_stack([real.y_true, np.zeros(len(real.y_true))])
    score = np.column_stack([real.y_score, 1 - real.y_score.max(axis=1)])
    return auc_report(
        truth[half:],
        score[half:],
        labels=labels,
        groups=real.truth.patients[half:],
        images=real.truth.images[half:],
        metadata={name: column[half:] for name, column in real.truth.metadata.items()},
        metadata_score=score[half:][:, ::-1],
        thresholds=choose_thresholds(truth[:half], score[:half], labels=labels, part="validation"),
        n_bootstrap=50,
        name="DenseNet121 <b>",
        part="test",
    )


def test_json_is_strict_and_loads_back_the_same(report, tmp_path):
    text = report.to_json(tmp_path / "report.json")
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    for source in (text, tmp_path / "report.json", str(tmp_path / "report.json")):
        loaded = Report.from_json(source)
        assert loaded.to_json() == text
        assert loaded.undefined == (NO_FINDING,)
        assert loaded.scored is None


def test_json_with_predictions_loads_back_what_curves_and_comparisons_need(report, tmp_path):
    loaded = Report.from_json(report.to_json(predictions=True))
    assert loaded.scored.fingerprint == report.scored.fingerprint
    assert loaded.scored.images == report.scored.images
    assert loaded.scored.units[1] == report.units
    plot_roc(loaded, tmp_path / "roc.svg")


def test_a_report_without_predictions_says_what_curves_need(report, tmp_path):
    with pytest.raises(EvaluationError, match="predictions=True"):
        plot_roc(replace(report, scored=None), tmp_path / "roc.png")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(schema="cxrzoo.report/2"), "expected the schema 'cxrzoo.report/1'"),
        (lambda c: c["report"].pop("macro"), "lacks the key 'macro' in report"),
        (lambda c: c["report"].update(colour="red"), "unknown key 'colour' in report"),
        (lambda c: c["report"].update(n="many"), "report.n cannot be 'many'"),
        (lambda c: c["report"].update(n=True), "report.n cannot be True"),
        (lambda c: c["report"].update(unit="ward"), "report.unit cannot be 'ward'"),
        (lambda c: c["report"]["rows"][0].update(roc_auc="1"), r"report.rows\[0\].roc_auc cannot"),
        (lambda c: c["report"].update(rows={}), "report.rows cannot be {}"),
        (lambda c: c.update(predictions=[]), "its predictions lack"),
    ],
)
def test_a_json_that_is_no_report_is_refused(report, change, message):
    content = json.loads(report.to_json())
    change(content)
    with pytest.raises(EvaluationError, match=message):
        Report.from_json(json.dumps(content))


@pytest.mark.parametrize("source", ["{", "nowhere.json", "[]"])
def test_what_cannot_be_read_is_refused(source):
    with pytest.raises(EvaluationError, match="report"):
        Report.from_json(source)


def test_undefined_is_named_in_every_output(report, tmp_path):
    assert f"Undefined for {NO_FINDING}" in report.to_markdown()
    rows = {row["label"]: row for row in csv.DictReader(io.StringIO(report.to_csv()))}
    assert rows[NO_FINDING]["roc_auc"] == "undefined"
    assert json.loads(report.to_json())["report"]["rows"][-1]["roc_auc"] is None
    page = write_html(report, tmp_path / "report.html").read_text()
    assert f"Undefined for {NO_FINDING}" in page
    assert "undefined: one class only" in page
    assert "undefined:" in svg_of(report, "plot_roc", tmp_path)


def svg_of(report, plot, folder):
    with mpl.rc_context({"svg.fonttype": "none"}):
        return getattr(evaluation, plot)(report, folder / f"{plot}.svg").read_text()


def test_csv_gives_the_figures_in_full(report, tmp_path):
    text = report.to_csv(tmp_path / "report.csv")
    assert (tmp_path / "report.csv").read_text() == text
    rows = {row["label"]: row for row in csv.DictReader(io.StringIO(text))}
    assert list(rows)[:15] == list(report.labels)
    assert float(rows["Effusion"]["roc_auc"]) == report["Effusion"].roc_auc
    assert float(rows["Effusion"]["gain_low"]) == report["Effusion"].gain_interval.low
    assert float(rows["Micro"]["average_precision_high"]) == (
        report.micro.average_precision_interval.high
    )


def test_markdown_tables_are_tables(report):
    text = report.to_markdown()
    assert text.startswith("DenseNet121 &lt;b>: 926 images of ")
    for block in text.split("\n\n"):
        if block.startswith("|"):
            assert len({line.count("|") for line in block.splitlines()}) == 1
    short = report.to_markdown(details=False)
    assert "threshold |" in text
    assert "threshold |" not in short
    assert "chosen on the part 'validation'" in short


class Resources(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.fetched = [], []

    def handle_starttag(self, tag, attrs):
        self.fetched += [value for name, value in attrs if name in ("src", "href", "xlink:href")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_escaped_and_fetches_nothing(report, tmp_path):
    page = write_html(report, tmp_path / "report.html").read_text()
    parser = Resources()
    parser.feed(page)
    assert parser.open == []
    assert parser.fetched == []
    assert not re.search(r"url\(|@import|<script|https?:", page)
    assert "DenseNet121 &lt;b&gt;" in page
    assert page.count("<figure>") == 3 * 15


def test_the_page_lists_the_best_label_first(report, tmp_path):
    page = write_html(report, tmp_path / "report.html").read_text()
    order = re.findall(r"<tr><th scope='row'>([^<]+)</th>", page)[:15]
    by_auc = sorted(report.rows[:14], key=lambda row: -row.roc_auc)
    assert order == [*(row.label for row in by_auc), NO_FINDING]


def test_the_page_and_the_markdown_show_the_same_tables(report, tmp_path):
    def cells(rows):
        return sorted(
            " ".join(re.sub(r"[*()]", " ", row).replace(" - ", " ").split()) for row in rows
        )

    page = write_html(report, tmp_path / "report.html").read_text()
    on_page = [
        re.sub(r"<[^>]+>", " ", row) for row in re.findall(r"<tr><th scope='row'>.*?</tr>", page)
    ]
    tables = [block for block in report.to_markdown().split("\n\n") if block.startswith("|")]
    in_text = [row.replace("|", " ") for table in tables for row in table.splitlines()[2:]]
    assert len(tables) == 3 + 4
    assert cells(on_page) == cells(in_text)


@pytest.mark.parametrize("curve", ["roc", "precision_recall", "reliability"])
def test_the_page_and_the_plots_show_the_same_panels(report, curve, tmp_path):
    page = write_html(report, tmp_path / "report.html").read_text()
    drawn = svg_of(report, f"plot_{curve}", tmp_path)
    kind = {"roc": "AUC", "precision_recall": "AP", "reliability": "ECE"}[curve]
    marks = re.findall(rf">({kind} \d\.\d+)<", drawn)
    assert len(marks) == 14
    assert sorted(marks) == sorted(re.findall(rf'class="mark">({kind} \d\.\d+)<', page))


def test_a_page_of_a_loaded_report_has_no_curves(report, tmp_path):
    page = write_html(Report.from_json(report.to_json()), tmp_path / "report.html").read_text()
    assert "<figure>" not in page
    assert "Every label" in page


@pytest.mark.parametrize("plot", ["plot_roc", "plot_precision_recall", "plot_reliability"])
def test_every_plot_has_a_panel_for_every_label(report, plot, tmp_path):
    drawn = svg_of(report, plot, tmp_path)
    for row in report.rows:
        assert f">{row.label} ({row.positives} of {row.n})<" in drawn


def test_a_plot_is_an_image_in_a_folder_that_is_made_for_it(report, tmp_path):
    path = plot_roc(report, tmp_path / "new" / "roc.png")
    with Image.open(path) as image:
        assert image.width > 1000
    assert [p.name for p in path.parent.iterdir()] == ["roc.png"]


def test_a_plot_of_an_unknown_kind_is_refused(report, tmp_path):
    with pytest.raises(EvaluationError, match=r"must end in .png, .svg, .pdf"):
        plot_roc(report, tmp_path / "roc.docx")


def test_reliability_of_logits_is_refused(tmp_path):
    report = auc_report([0, 1], [-1, 1], labels=["x"], n_bootstrap=0)
    with pytest.raises(EvaluationError, match="sigmoid"):
        plot_reliability(report, tmp_path / "r.png")
    assert "Calibration" not in write_html(report, tmp_path / "r.html").read_text()


def test_without_matplotlib_a_plot_names_the_extra_and_the_page_still_works(
    report, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r'pip install "cxrzoo\[plot\]"'):
        plot_roc(report, tmp_path / "roc.png")
    write_html(report, tmp_path / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_write_that_fails_leaves_the_old_file(report, tmp_path):
    (tmp_path / "report.json").mkdir()
    with pytest.raises(OSError, match=r"report\.json"):
        report.to_json(tmp_path / "report.json")
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize(
    ("method", "function"),
    [
        ("to_html", "write_html"),
        ("against", "compare_published"),
        ("plot_roc", "plot_roc"),
        ("plot_precision_recall", "plot_precision_recall"),
        ("plot_reliability", "plot_reliability"),
    ],
)
def test_a_method_that_is_now_a_function_names_it(report, method, function):
    with pytest.raises(AttributeError, match=rf"cxrzoo\.evaluation\.{function}\(report, "):
        getattr(report, method)
    assert callable(getattr(evaluation, function))
    assert not hasattr(report, "plot_everything")
