"""Strangers' text on a terminal, a page, in Markdown and in CSV: it is shown and does nothing."""

import csv
import io
import json
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrzoo import Records
from cxrzoo.artifacts.model_card import model_card
from cxrzoo.data import write_quarantine
from cxrzoo.errors import LabelError
from cxrzoo.evaluation import Predictions, Report, auc_report, read_predictions, write_html
from cxrzoo.pretrained import Lineage, ModelConfig
from cxrzoo.text import (
    for_csv,
    for_markdown,
    for_page,
    for_terminal,
    from_csv,
    visible,
    without_secrets,
)

ACTING = [
    "\x1b[31mred", "\x9b31m", "bell\x07", "a\rb", "a\nb", "nul\0", "del\x7f", "rtl\u202egnp.exe",
    "\u2066x\u2069",
    "zero\u200bwidth", "join\u200der", "\ufeffmark", "line\u2028end", "soft\u00adhyphen", "bad\udcffbyte",
    "\x1b]8;;http://evil\x1b\\link", "tag\U000e0041",
]  # fmt: skip
_ACT = ("Cc", "Cf", "Cs", "Zl", "Zp")


@pytest.mark.parametrize("text", ACTING, ids=ascii)
def test_what_acts_is_spelled_out_everywhere(text):
    for spelled in (visible, for_page, for_markdown, for_csv, for_terminal):
        shown = spelled(text)
        assert text not in shown or (spelled is for_terminal and "\n" in text)
        acting = [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
        assert acting == (["\n"] if spelled is for_terminal and "\n" in text else [])
        shown.encode("utf-8")


@given(st.text(st.characters(codec="utf-8")))
def test_what_can_be_seen_stays_and_comes_back_from_a_table(text):
    seen = visible(text)
    assert visible(seen) == seen
    if all(unicodedata.category(c)[0] not in "CZ" or c == " " for c in text):
        assert seen == text
    assert from_csv(for_csv(text)) == seen
    assert not for_csv(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.text())
def test_no_text_opens_a_tag_or_a_cell(text):
    page = for_page(f"<script>{text}</script>'\">")
    assert not set(page) & set("<>\"'")
    assert "<" not in for_markdown(f"<b>{text}")
    assert "|" not in for_markdown(text).replace("\\|", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://user:PW@host:1/x", "http://host:1/x"),
        (
            "cannot reach https://a@b:P@W@hub.example/api?x=1 now",
            "cannot reach https://hub.example/api?x=1 now",
        ),
        ("mail me@example.org, http://host/a@b", "mail me@example.org, http://host/a@b"),
    ],
)
def test_addresses_lose_their_passwords(text, shown):
    assert without_secrets(text) == shown


@pytest.mark.parametrize("name", [*ACTING, "\N{LATIN SMALL LETTER E}\u0301\u200b"], ids=ascii)
def test_labels_hide_nothing(name):
    with pytest.raises(LabelError, match="characters that can be seen"):
        Records(["a.png"], [[1]], (name,))
    with pytest.raises(ValueError, match=r"characters that can be seen"):
        auc_report([0, 1], [0, 1], labels=[name])
    with pytest.raises(ValueError, match=r"characters that can be seen"):
        ModelConfig("mobilenet_cxr", {}, (name,))


def test_labels_are_no_twins():
    twins = ["Œd\u00e8me", "Œde\u0300me"]
    with pytest.raises(LabelError, match="two of them read"):
        Records(["a.png"], [[1, 0]], twins)
    with pytest.raises(ValueError, match="two of them read"):
        ModelConfig("mobilenet_cxr", {}, twins)


TAGS = "<script>alert(1)</script><img src=x onerror=alert(1)>|[x](javascript:1)"
SCRIPT = f"{TAGS}\x1b[0m\u202e"


def poisoned(value):
    """The same JSON with every text but the format's own words made hostile."""
    if isinstance(value, dict):
        return {k: v if k in _OWN else poisoned(v) for k, v in value.items()}
    if isinstance(value, list):
        return [poisoned(one) for one in value]
    return SCRIPT + value if isinstance(value, str) else value


_OWN = {"schema", "unit", "interval", "method", "dtype", "base64", "label", "labels", "subgroup"}


def test_a_hostile_report_is_harmless_as_page_markdown_csv_and_card(tmp_path):
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 2, (80, 2))
    score = generator.random((80, 2))
    from cxrzoo.evaluation import choose_thresholds  # noqa: PLC0415 - beside its use

    labels = ["<script>alert(1)</script>", "=1+1|`x`"]
    report = auc_report(
        truth,
        score,
        labels=labels,
        n_bootstrap=5,
        metadata={"view": [SCRIPT, "=1"] * 40, "sex": ["<b>", "M"] * 40},
        thresholds=choose_thresholds(truth[::-1], score, labels=labels, part="validation"),
        name=SCRIPT,
        data=SCRIPT,
        split=SCRIPT,
        part=SCRIPT,
    )
    content = poisoned(json.loads(report.to_json(predictions=True)))
    hostile = Report.from_json(json.dumps(content))
    for one in (report, hostile):
        page = write_html(one, tmp_path / "page.html").read_text("utf-8")
        assert "&lt;script&gt;" in page
        for text in (page, one.to_markdown()):
            assert "<script" not in text
            assert "<img" not in text
            assert not set(text) & set("\x1b\u202e")
        for row in csv.reader(io.StringIO(one.to_csv())):
            assert not any(cell.startswith(("=", "@")) for cell in row)
    config = ModelConfig(
        "mobilenet_cxr",
        {"input_shape": (32, 32, 1)},
        tuple(labels),
        licence=TAGS,
        lineage=Lineage(recipe=TAGS, data=TAGS),
    )
    card = model_card(config, hostile, address="hf://org/name")
    body = card.split("\n---\n", 1)[1]
    assert "<script" not in body
    assert "<img" not in body
    assert "\x1b" not in card


NAMES = [
    "=cmd|'/C calc'!A0.png",
    "-1.png",
    "+a.png",
    "@x.png",
    "'quoted.png",
    "a\nb.png",
    "e\x1b[31m.png",
    "b\udcff.png",
]


def test_names_of_files_are_harmless_in_tables_and_come_back(tmp_path):
    scores = np.linspace(0.1, 0.9, len(NAMES), dtype=np.float32)[:, None]
    predictions = Predictions(tuple(NAMES), ("Mass",), scores)
    predictions.to_csv(tmp_path / "s.csv")
    with (tmp_path / "s.csv").open(newline="", encoding="utf-8") as file:
        cells = [row[0] for row in csv.reader(file)]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    again = read_predictions(tmp_path / "s.csv", labels=["Mass"])
    assert list(again.images) == [visible(name).rpartition("/")[2] for name in NAMES]
    path = write_quarantine(tmp_path / "q.csv", [(name, f"{name} is broken") for name in NAMES])
    assert "\x1b" not in path.read_text("utf-8")
    json.dumps(predictions.as_dict()).encode("utf-8")
