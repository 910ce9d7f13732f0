"""Every figure of a model card comes from report.json and from the description."""

import json
import re
from importlib.resources import files

import pytest
import yaml
from huggingface_hub import ModelCard

from cxrzoo import from_pretrained
from cxrzoo.artifacts.model_card import hub_licence, model_card
from cxrzoo.evaluation import Report
from cxrzoo.pretrained import open_artifact


@pytest.fixture(scope="module")
def card(saved_once):
    config = open_artifact(saved_once).config
    report = Report.from_json(saved_once / "report.json")
    return model_card(config, report, address="hf://acme/xray")


@pytest.fixture(scope="module")
def figures(saved_once):
    """The report as plain JSON, read without cxrzoo."""
    return json.loads((saved_once / "report.json").read_text())["report"]


def section(card, title):
    return card.split(f"\n## {title}\n")[1].split("\n## ")[0]


def table(text, first):
    """The rows of the table whose head begins with ``first``, as lists of cells."""
    lines = text.split(f"| {first} ")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]


def three(value):
    return "undefined" if value is None else f"{value:.3f}"


def span(interval):
    return "-" if interval["low"] is None else f"{interval['low']:.3f}-{interval['high']:.3f}"


def test_the_table_by_label_is_the_reports_with_intervals(card, figures):
    rows = table(section(card, "Evaluation"), "Label")
    for cells, row in zip(rows, figures["rows"], strict=False):
        assert cells == [
            row["label"],
            str(row["n"]),
            str(row["positives"]),
            three(row["roc_auc"]),
            span(row["roc_auc_interval"]),
            three(row["average_precision"]),
            span(row["average_precision_interval"]),
            three(row["prevalence"]),
        ]
    averages = [figures["macro"], figures["macro_findings"], figures["micro"]]
    present = [average for average in averages if average is not None]
    for cells, average in zip(rows[len(figures["rows"]) :], present, strict=True):
        assert cells[3:7] == [
            three(average["roc_auc"]),
            span(average["roc_auc_interval"]),
            three(average["average_precision"]),
            span(average["average_precision_interval"]),
        ]


def test_the_baselines_stand_beside_it(card, figures):
    rows = table(section(card, "Evaluation"), "Beside a guess")
    for cells, row in zip(rows, figures["rows"], strict=False):
        assert cells[:3] == [
            row["label"],
            three(row["accuracy"]),
            three(row["all_negative_accuracy"]),
        ]
    assert rows[-1][1:3] == [three(figures["accuracy"]), three(figures["all_negative_accuracy"])]


def test_the_metadata_are_the_hubs_and_its_values_the_reports(card, figures):
    metadata = yaml.safe_load(card.split("---\n")[1])
    assert metadata["library_name"] == "keras"
    assert metadata["pipeline_tag"] == "image-classification"
    assert metadata["license"] == "cc-by-4.0"
    assert {"cxrzoo", "chest-x-ray", "multi-label", "cnn_test1"} <= set(metadata["tags"])
    assert metadata["datasets"] == ["nih-chestxray14"]
    (index,) = metadata["model-index"]
    assert index["name"] == "xray"
    (result,) = index["results"]
    assert result["task"]["type"] == "image-classification"
    assert result["dataset"]["config"] == "official"
    assert result["dataset"]["split"] == "test"
    values = {metric["name"]: metric["value"] for metric in result["metrics"]}
    expected = {
        "ROC AUC (macro)": figures["macro"]["roc_auc"],
        "average precision (macro)": figures["macro"]["average_precision"],
        "ROC AUC (micro)": figures["micro"]["roc_auc"],
        "average precision (micro)": figures["micro"]["average_precision"],
        **{f"ROC AUC ({row['label']})": row["roc_auc"] for row in figures["rows"]},
    }
    if figures["macro_findings"]:
        expected["ROC AUC (macro, 14 findings)"] = figures["macro_findings"]["roc_auc"]
        expected["average precision (macro, 14 findings)"] = figures["macro_findings"][
            "average_precision"
        ]
    assert values == {name: value for name, value in expected.items() if value is not None}
    assert ModelCard(card).data.eval_results  # the Hub's own reader takes it


def test_every_number_of_the_card_is_known(card, figures, saved_once):
    """Nothing is typed: each number is in report.json, in cxrzoo.json, in the figures that ship of what
    NIH's labels are worth, or in the fixed text."""
    described = json.loads((saved_once / "cxrzoo.json").read_text())
    known = set()

    def walk(value):
        if isinstance(value, dict):
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)
        elif isinstance(value, str):
            known.update(re.findall(r"\d+(?:\.\d+)*", value))
        elif value is not None and not isinstance(value, bool):
            known.update({str(value), f"{value:.3f}", f"{value:.1%}".rstrip("%"), f"{value:,}"})
            known.add(f"{abs(value):.3f}")  # a minus is no part of what is looked for

    walk(figures)
    agreement = files("cxrzoo.evaluation.report") / "label_agreement.json"
    walk(json.loads(agreement.read_text()))
    described["lineage"]["trained_on"] = []
    walk(described)
    known.add(f"{figures['confidence']:.0%}".rstrip("%"))
    body = card.split("---\n", 2)[2]
    body = re.sub(r"`[0-9a-f]{32}`", "", body)
    fixed = model_card(
        open_artifact(saved_once).config, None, address="hf://acme/xray"
    )  # the same card without a report
    known.update(re.findall(r"\d+(?:[.,]\d+)*", fixed.split("---\n", 2)[2]))
    report_notes = section(card, "Evaluation").split("\n- ")[1:]
    body = body.replace("\n- ".join(report_notes), "")  # sentences of counts, tested with reports
    unknown = [number for number in re.findall(r"\d+(?:[.,]\d+)*", body) if number not in known]
    counted = {str(len(figures["macro"]["labels"])), "14"}
    assert set(unknown) <= counted


def test_lineage_and_the_hash_of_the_patients_are_told(card, licensed_model):
    lineage = licensed_model.cxrzoo.lineage
    training = section(card, "Training")
    for title, value in (
        ("recipe", "modern"),
        ("started from", "imagenet"),
        ("split", "official"),
        ("seed", "3"),
        ("patients", f"{lineage.patients:,}"),
        ("hash of a patient set", f"`{lineage.trained_on[0].salt.hex()}`"),
        ("versions", "keras 3.15.0"),
    ):
        assert f"| {title} | {value}" in training


def test_intended_use_limits_and_whose_images_they_are_are_told(card):
    assert "Not a medical device" in section(card, "Intended use")
    assert "no probabilities of disease" in section(card, "Limits")
    golden = section(card, "Golden vectors")
    assert "The NIH Clinical Center provided the data." in golden
    assert "https://nihcc.app.box.com/v/ChestXray-NIHCC" in golden


def test_the_two_lines_of_code_work(card, saved_once, capsys):
    """With a directory in place of the address; the address itself is tested against a Hub."""
    (code,) = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    assert len(code.splitlines()) == 2
    scope = {}
    exec(code.replace("hf://acme/xray", str(saved_once)), scope)  # noqa: S102 - our own two lines
    assert scope["model"].cxrzoo == from_pretrained(saved_once).cxrzoo


def test_a_card_of_weights_in_the_package_names_them_and_no_hub(saved_once, card):
    config = open_artifact(saved_once).config
    own = model_card(config, Report.from_json(saved_once / "report.json"), address="nih-mini")
    assert own.split("---\n", 2)[2].startswith("\n# nih-mini\n")
    assert 'from_pretrained("nih-mini")' in own
    assert "hf://" in card
    assert "hf://" not in own
    assert section(own, "Evaluation") == section(card, "Evaluation")


def test_a_figure_that_the_data_cannot_give_is_not_in_the_index(licensed_model):
    from cxrzoo.evaluation import auc_report  # noqa: PLC0415

    report = auc_report(
        [[1, 1], [0, 1]], [[0.9, 0.1], [0.2, 0.3]], labels=["Mass", "Edema"], n_bootstrap=0
    )
    card = model_card(licensed_model.cxrzoo, report, address="hf://acme/xray")
    metadata = yaml.safe_load(card.split("---\n")[1])
    names = [m["name"] for m in metadata["model-index"][0]["results"][0]["metrics"]]
    assert "ROC AUC (Mass)" in names
    assert "ROC AUC (Edema)" not in names


@pytest.mark.parametrize(
    ("spdx", "expected"),
    [
        ("Apache-2.0", ("apache-2.0", None)),
        ("CC-BY-NC-SA-4.0", ("cc-by-nc-sa-4.0", None)),
        ("GPL-3.0-or-later", ("gpl-3.0", None)),
        ("LicenseRef-My Hospital", ("other", "licenseref-my-hospital")),
    ],
)
def test_licences_are_spelled_as_the_hub_spells_them(spdx, expected):
    assert hub_licence(spdx) == expected


def test_the_card_says_what_nihs_labels_are_worth(card):
    rows = [[cell.strip() for cell in line.split("|")] for line in card.splitlines()]
    # Counted in the published tables: images, NIH's positives, the radiologists', both.
    assert ["Atelectasis", "810", "102", "303", "68"] in [row[1:6] for row in rows]
