"""Cases of every label as one HTML page, with pictures only where they are given."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import Final

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.cases import Case, CasePictures, Cases, LabelCases
from cxrzoo.evaluation.report.html import page
from cxrzoo.evaluation.report.table import figure_text
from cxrzoo.files import write_whole
from cxrzoo.text import for_page
from cxrzoo.typed import check_arguments

_WITHOUT: Final = (
    "No picture is in this page. To see them, make it again with cxrzoo evaluate --cases N "
    "--case-images (in Python: pictures=draw_cases(...)), or draw one of them: cxrzoo explain FILE "
    "--model MODEL --label LABEL --output DIR."
)
_WITH: Final = (
    "The pictures themselves are in this page: whoever has the file has them. They are small copies "
    "without anything of a file's header, but with whatever is written into the pixels."
)
_NAMES: Final = (
    "Pictures are called by the names of their files. If yours tell who a patient is, so does this page; "
    "it has no other identifier of a patient."
)
_LABELS: Final = (
    "'Positive' and 'negative' are the labels of the data. What looks like a mistake of the model may be "
    "a mistake of the label."
)
_HEAT: Final = (
    "Each picture stands beside its heat map, in which the highest value is 1 whatever the score. It "
    "shows what moved the score; it is no proof of a finding, nor of where it is."
)


def write_cases_html(
    cases: Cases, path: str | PathLike[str], pictures: CasePictures | None = None
) -> Path:
    """Write one self-contained page of cases; without ``pictures`` it has names and scores alone.

    Args:
        cases: From `select_cases`.
        path: Where to; the file is written whole or not at all.
        pictures: From `cxrzoo.heatmaps.draw_cases`. They become part of the page.

    Raises:
        OSError: The file cannot be written.
    """
    check_arguments(write_cases_html, locals(), EvaluationError)
    sections = [_contents(cases)] if len(cases.labels) > 1 else []
    if pictures is not None:
        sections.insert(0, _scale(pictures))
    sections += [_section(i, one, cases, pictures) for i, one in enumerate(cases.labels, 1)]
    title = f"Cases of {cases.name}" if cases.name else "Cases"
    lead = f"Up to {cases.n} of a kind for each label" + (
        f", on {cases.data}" if cases.data else ""
    )
    return write_whole(path, page(title, lead, (), _notes(cases, pictures), sections))


def _notes(cases: Cases, pictures: CasePictures | None) -> Iterator[str]:
    yield _WITHOUT if pictures is None else _WITH
    lists = [listed for label in cases.labels for _, _, listed in label.lists]
    if any(one.image for listed in lists for one in listed):
        yield _NAMES
    if cases.unit == "patient":
        patients = "A patient is in a list once, with the picture that stands out most."
    else:
        patients = "Patients are not known: several pictures of a list may be of one patient."
    yield f"The bold figure is the model's score. {patients}"
    yield _LABELS
    if pictures is not None:
        yield _HEAT


def _scale(pictures: CasePictures) -> str:
    return (
        f"<p class='scale'>{for_page(pictures.method)}: 0 <img src='{_embedded(pictures.scale)}' "
        "alt='from grey over violet and green to yellow'> 1</p>"
    )


def _contents(cases: Cases) -> str:
    links = "".join(
        f"<li><a href='#label-{i}'>{for_page(one.label)}</a></li>"
        for i, one in enumerate(cases.labels, 1)
    )
    return f"<nav><ul class='contents'>{links}</ul></nav>"


def _section(i: int, label: LabelCases, cases: Cases, pictures: CasePictures | None) -> str:
    noun = "patients" if cases.unit == "patient" else "pictures"
    counts = (
        ("Patients with a positive picture", "with a negative one")
        if cases.unit == "patient"
        else ("Positive pictures", "negative ones")
    )
    key = f"{counts[0]}: {label.positives:,}; {counts[1]}: {label.negatives:,}."
    if 0 < label.positives < 2 * cases.n:
        key += " So few that a picture may be in both lists of positives."
    parts = []
    for title, positive, shown in label.lists:
        missing = _missing(len(shown), cases.n, noun, positive=positive)
        if pictures is None:
            body = _list(shown, positive=positive)
        else:
            body = _pictures(label.label, shown, pictures, positive=positive)
        parts.append(f"<div><h3>{title}</h3>{missing}{body}</div>")
    layout = "lists" if pictures is None else "kinds"
    return (
        f"<section id='label-{i}'><h2>{for_page(label.label)}</h2><p class='key'>{for_page(key)}</p>"
        f"<div class='{layout}'>{''.join(parts)}</div></section>"
    )


def _missing(found: int, asked: int, noun: str, *, positive: bool) -> str:
    """Say that there are fewer than were asked for."""
    if found == asked:
        return ""
    of = "with the label" if positive else "known to be without it"
    count = f"{found} instead of {asked}" if found else "None"
    return f"<p class='key'>{count}: there are no {'more ' if found else ''}{noun} {of}.</p>"


def _list(shown: Iterable[Case], *, positive: bool) -> str:
    rows = "".join(f"<li>{_caption(one, positive=positive)}</li>" for one in shown)
    return f"<ol class='cases'>{rows}</ol>" if rows else ""


def _pictures(label: str, shown: Iterable[Case], pictures: CasePictures, *, positive: bool) -> str:
    figures = []
    for one in shown:
        plain, heat = pictures.plain.get(one.row), pictures.heat.get((label, one.row))
        pair = ""
        if plain is not None:
            pair += f"<img src='{_embedded(plain)}' alt='Chest X-ray {for_page(_name(one))}'>"
        if heat is not None:
            alt = for_page(f"The same under its heat map of {label}")
            pair += f"<img src='{_embedded(heat)}' alt='{alt}'>"
        nothing = (
            " <span>no part of it speaks for the label</span>"
            if (label, one.row) in pictures.empty
            else ""
        )
        caption = _caption(one, positive=positive, more=nothing)
        figures.append(
            f"<figure><div class='pair'>{pair}</div><figcaption>{caption}</figcaption></figure>"
        )
    return f"<div class='pictures'>{''.join(figures)}</div>" if figures else ""


def _caption(one: Case, *, positive: bool, more: str = "") -> str:
    others = ", ".join(one.others)
    labelled = f" <span>{'also ' if positive else ''}labelled {for_page(others)}</span>"
    return (
        f"<b>{figure_text(one.score)}</b> {for_page(_name(one))}{labelled if others else ''}{more}"
    )


def _name(one: Case) -> str:
    return one.image or f"picture {one.row + 1:,}"


def _embedded(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{b64encode(jpeg).decode('ascii')}"
