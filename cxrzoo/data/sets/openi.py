"""Open-I, the Indiana University chest X-rays, as the National Library of Medicine has them.

Demner-Fushman et al., "Preparing a collection of radiology examinations for distribution and
retrieval", JAMIA 23(2), 2016; https://openi.nlm.nih.gov/faq#collection.
"""

import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.folders import is_left_out
from cxrzoo.data.records import Records
from cxrzoo.data.sets.layout import Missing, assemble, folder_of, paths_of
from cxrzoo.data.sets.register import register_data_set
from cxrzoo.data.sets.vocabulary import Names
from cxrzoo.errors import DataNotFoundError, TableError
from cxrzoo.labels import NO_FINDING
from cxrzoo.opened import read_file
from cxrzoo.typed import check_arguments

_DIGITS = re.compile(r"\d+")

NAMES: Final[Names] = {
    "Pulmonary Atelectasis": "Atelectasis",
    "Cardiomegaly": "Cardiomegaly",
    "Pleural Effusion": "Effusion",
    "Infiltrate": "Infiltration",
    "Mass": "Mass",
    "Nodule": "Nodule",
    "Pneumonia": "Pneumonia",
    "Pneumothorax": "Pneumothorax",
    "Hydropneumothorax": ("Effusion", "Pneumothorax"),
    "Consolidation": "Consolidation",
    "Pulmonary Edema": "Edema",
    **dict.fromkeys(("Emphysema", "Pulmonary Emphysema"), "Emphysema"),
    "Pulmonary Fibrosis": "Fibrosis",
    "Thickening/pleura": "Pleural_Thickening",
    **dict.fromkeys(("Hernia, Hiatal", "Hernia, Diaphragmatic"), "Hernia"),
    "Opacity/lung": "Lung Opacity",
    "Fractures, Bone": "Fracture",
    **dict.fromkeys(
        ("Catheters, Indwelling", "Implanted Medical Device", "Tube, Inserted"), "Support Devices"
    ),
    "Pulmonary Disease, Chronic Obstructive": "COPD",
    "Tuberculosis": "Tuberculosis",
    "normal": NO_FINDING,
}


@register_data_set(
    "openi",
    title="Open-I",
    names=NAMES,
    holds="`ecgen-radiology/*.xml`, PNG at any depth",
    images=7_470,
    patients=3_955,
    metadata=("study",),
    split="patient",
    terms="CC BY-NC-ND 4.0",
    link="https://openi.nlm.nih.gov/faq#collection",
)
def OpenI(root: str | os.PathLike[str], *, missing: Missing = "error") -> Records:
    """Read one row an image, with the major MeSH terms of its report.

    Reads ``ecgen-radiology/*.xml`` (``NLMCXR_reports.tgz``) and the PNG files of ``NLMCXR_png.tgz``,
    found by name at any depth of ``root``. A finding that no ``<major>`` term names is absent; a report
    without terms, or with ``No Indexing``, says nothing. Frontal and lateral views are not told apart
    by the set, so there is no ``view``. Each report is one patient's; ``metadata`` has ``study``.

    Args:
        root: the folder that holds ``ecgen-radiology`` and the images.
        missing: what becomes of images that are not there: ``"error"`` or ``"drop"``.

    Raises:
        DataNotFoundError: no such folder, no report in it, or images that are not there.
        TableError: a report is no such XML.
    """
    check_arguments(OpenI, locals())
    folder = folder_of(root)
    reports = folder / "ecgen-radiology"
    files = sorted(
        (path for path in reports.glob("*.xml") if not is_left_out(path.name)),
        key=lambda p: (int((_DIGITS.findall(p.stem) or [0])[0]), p),
    )
    if not files:
        raise DataNotFoundError(
            f"{folder} is no Open-I as it is published: expected ecgen-radiology/*.xml"
        )
    images: list[str] = []
    studies: list[str] = []
    terms: list[list[str]] = []
    for file in files:
        names, majors = _report(file)
        images += names
        studies += [file.stem] * len(names)
        terms += [majors] * len(names)
    if not images:
        raise TableError(f"no report in {reports} names an image")
    return assemble(
        NAMES,
        table=reports,
        folder=folder,
        images=paths_of(images, folder),
        columns={term: _has(term, terms) for term in NAMES},
        patients=studies,
        metadata={"study": studies},
        missing=missing,
        name="open-i",
    )


_MAX_REPORT: Final = 2**22
"""Bytes of one report; those that are published take some kilobytes."""


def _report(file: Path) -> tuple[list[str], list[str]]:
    """Return the PNG names and the major terms of one report."""
    content = read_file(file, _MAX_REPORT, TableError)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise TableError(f"{file}: a report has no document type and no entities")
    try:
        tree = ET.fromstring(content)  # noqa: S314 - entities, what is unsafe in XML, were refused
    except ET.ParseError as error:
        raise TableError(f"{file} is not XML: {error}") from None
    names = [image.get("id", "") for image in tree.iter("parentImage")]
    majors = [" ".join((major.text or "").split()) for major in tree.iter("major")]
    return [f"{name}.png" for name in names if name], [major for major in majors if major]


def _has(term: str, rows: Sequence[Sequence[str]]) -> NDArray[np.float32]:
    """Return whether each row has the term: 'Opacity/lung' is had by 'Opacity/lung/base/left'."""
    first, *rest = term.split("/")

    def has(terms: Sequence[str]) -> float:
        if not terms or "No Indexing" in terms:
            return float("nan")
        split = [major.split("/") for major in terms]
        return float(any(p[0] == first and set(rest) <= set(p[1:]) for p in split))

    return np.array([has(terms) for terms in rows], np.float32)
