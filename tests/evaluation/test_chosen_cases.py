"""Which cases are chosen, held to a plain loop, and the page that lists them."""

import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation import (
    CasePictures,
    Report,
    auc_report,
    select_cases,
    write_cases_html,
    write_html,
)

CELL = st.tuples(
    st.sampled_from([0.0, 1.0, math.nan]),
    st.sampled_from([0.1, 0.2, 0.3, 0.7]),
    st.sampled_from(["p", "q", "r", "s", "t"]),
)


def plainly(truth, scores, patients, n):
    """Choose by walking through the ordered rows."""
    found = []
    for positive, sign in ((0, -1), (1, 1), (1, -1)):
        seen, chosen = set(), []
        for row in sorted(range(len(truth)), key=lambda i: (sign * scores[i], i)):
            if truth[row] == positive and patients[row] not in seen and len(chosen) < n:
                seen.add(patients[row])
                chosen.append(row)
        found.append(chosen)
    return found


@given(st.lists(CELL, min_size=1, max_size=30), st.integers(1, 6))
def test_cases_are_those_that_a_plain_loop_finds(cells, n):
    truth, scores, patients = zip(*cells, strict=True)
    given_ = np.array([truth, truth[::-1]]).T, np.array([scores, scores[::-1]]).T
    report = auc_report(*given_, labels=("A", "B"), groups=patients, n_bootstrap=0)
    cases = select_cases(report, n)
    assert cases.unit == "patient"
    for label, one in zip(cases.labels, (1, -1), strict=True):
        known, scored = truth[::one], scores[::one]
        assert [[case.row for case in listed] for _, _, listed in label.lists] == plainly(
            known, scored, patients, n
        )
        for _, positive, listed in label.lists:
            assert all(known[case.row] == positive for case in listed)  # NaN is neither
            assert all(scored[case.row] == case.score for case in listed)
        owners = [
            {p for p, value in zip(patients, known, strict=True) if value == which}
            for which in (0, 1)
        ]
        assert (label.negatives, label.positives) == tuple(map(len, owners))


def test_patients_may_be_told_to_a_report_that_knows_only_images(real):
    by_image = real.report(groups=None, n_bootstrap=0)
    known = real.report(n_bootstrap=0)
    told = select_cases(by_image, 6, patients=real.truth.patients)
    assert told.labels == select_cases(known, 6).labels
    assert select_cases(by_image, 6).unit == "image"
    nobody = select_cases(known, 6, patients=[None] * len(real.y_true))
    assert nobody == select_cases(by_image, 6)
    again = 0
    for label in select_cases(by_image, 6).labels:
        for _, _, listed in label.lists:
            again += len(listed) - len({real.truth.patients[case.row] for case in listed})
    assert again > 0  # without patients some come twice
    for label in told.labels:
        j = real.labels.index(label.label)
        for _, positive, listed in label.lists:
            assert len({real.truth.patients[case.row] for case in listed}) == len(listed)
            for case in listed:
                assert real.y_true[case.row, j] == positive
                its = [x for x, y in zip(real.labels, real.y_true[case.row], strict=True) if y == 1]
                assert set(case.others) == {*its} - {label.label}


def test_a_report_without_its_predictions_has_no_cases(real):
    loaded = Report.from_json(real.report(n_bootstrap=0).to_json())
    with pytest.raises(EvaluationError, match="predictions=True"):
        select_cases(loaded)
    for n in (0, 51):
        with pytest.raises(EvaluationError, match="n must be a whole number"):
            select_cases(real.report(n_bootstrap=0), n)


class Page(HTMLParser):
    """What a page fetches and runs, its words, and whether its tags are closed."""

    def __init__(self, path):
        super().__init__()
        self.open, self.fetched, self.words, self.alt, self.ids, self.tags = [], [], [], [], [], []
        self.feed(path.read_text("utf-8"))
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]
        self.fetched += [value for name, value in attrs if name in ("src", "href", "srcset")]
        self.alt += [value for name, value in attrs if name == "alt"]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


HOSTILE = (
    "<script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "a\x1b[31m\u202egnp.exe",
    "&lt;b&gt;",
)


@pytest.mark.parametrize("embedded", [False, True])
def test_strangers_text_stays_text(tmp_path, embedded):
    """Of file names, labels, the model and the data, with pictures and without."""
    n, labels = len(HOSTILE), [one for one in HOSTILE if one.isprintable()]
    truth = np.random.default_rng(0).integers(0, 2, (n, len(labels)))
    report = auc_report(
        truth, np.linspace(0, 1, truth.size).reshape(truth.shape), labels=labels, images=list(HOSTILE),
        name=HOSTILE[0], data=HOSTILE[1], n_bootstrap=0,
    )  # fmt: skip
    cases, pictures = select_cases(report, 3), None
    if embedded:
        pairs = {(label, row): b"heat" for label in labels for row in range(n)}
        plain = dict.fromkeys(range(n), b"plain")
        pictures = CasePictures(HOSTILE[0], plain, pairs, b"scale", frozenset(pairs))
    page = Page(write_cases_html(cases, tmp_path / "cases.html", pictures))
    allowed = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "div",
               "ul", "ol", "li", "nav", "a", "section", "b", "span", "footer"}  # fmt: skip
    assert set(page.tags) - allowed == ({"img", "figure", "figcaption"} if embedded else set())
    words = "".join(page.words)
    for text in (HOSTILE[0], HOSTILE[1], HOSTILE[2], "a{U+001B}[31m{U+202E}gnp.exe", HOSTILE[4]):
        assert text in words
    assert all(re.fullmatch(r"#label-\d|data:image/jpeg;base64,[\w+/=]+", one)
               for one in page.fetched)  # fmt: skip
    assert {one for one in page.fetched if one[0] == "#"} == {f"#{one}" for one in page.ids}
    assert len(page.alt) == page.tags.count("img")
    assert not re.search(r"url\(|@import|https?:", (tmp_path / "cases.html").read_text())


def test_a_page_without_pictures_has_none_and_says_how_to_see_them(real, tmp_path):
    report = real.report(n_bootstrap=0, images=[f"{i}.png" for i in range(len(real.y_true))])
    cases = select_cases(report, 6, patients=[f"Jane {one}" for one in real.truth.patients])
    path = write_cases_html(cases, tmp_path / "cases.html")
    text = path.read_text()
    assert "data:" not in text
    assert "<img" not in text
    assert "--case-images" in text
    assert "cxrzoo explain FILE" in text
    for label in cases.labels:
        for _, _, listed in label.lists:
            for case in listed:
                assert f"<b>{case.score:.3f}</b> {case.row}.png" in text
    assert "Jane" not in text
    with pytest.raises(OSError, match=r"cases\.html"):
        write_cases_html(cases, path / "cases.html")
    assert path.read_text() == text


def test_fewer_cases_than_asked_for_are_shown_and_said(tmp_path):
    truth = np.array([[1, 0], [1, 0], [0, 0], [0, 0], [np.nan, 0], [np.nan, 0]])
    scores = np.linspace(0, 1, 12).reshape(6, 2)
    report = auc_report(
        truth, scores, labels=("Mass", "Edema"), groups=list("ppqrst"), n_bootstrap=0
    )
    words = "".join(Page(write_cases_html(select_cases(report, 3), tmp_path / "c.html")).words)
    assert "Patients with a positive picture: 1; with a negative one: 2." in words
    assert "1 instead of 3: there are no more patients with the label." in words
    assert "2 instead of 3: there are no more patients known to be without it." in words
    assert "None: there are no patients with the label." in words
    assert "may be in both lists of positives" in words
    before_edema = words.partition("Patients with a positive picture: 0")[0]
    assert "picture 4" in before_edema
    assert "picture 5" not in before_edema  # not known to have it, nor to lack it


def test_the_report_has_a_link_to_the_page_beside_it(real, tmp_path):
    report = real.report(n_bootstrap=0)
    assert Page(write_html(report, tmp_path / "a.html")).fetched == []
    linked = Page(write_html(report, tmp_path / "a.html", cases_page="cases.html"))
    assert linked.fetched == ["cases.html"]
    strange = Page(write_html(report, tmp_path / "a.html", cases_page="javascript:alert('1')//"))
    assert strange.fetched == ["javascript%3Aalert%28%271%27%29%2F%2F"]
