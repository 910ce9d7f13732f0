"""One vocabulary for all data sets, and which name of which set becomes which name of it.

The names of NIH ChestX-ray14 stay as they are; other sets add their own. A name is mapped only where
both mean the same thing, or where one is a kind of the other; the rest is dropped. What a set does
not label stays unknown (NaN).
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.labels import NIH_FINDINGS, NIH_LABELS, NO_FINDING

__all__ = ["MAPPINGS", "VOCABULARY", "combined", "label_table", "mapped"]

VOCABULARY: Final[tuple[str, ...]] = (
    *NIH_FINDINGS,
    "Enlarged Cardiomediastinum", "Lung Opacity", "Lung Lesion", "Nodule or Mass", "Pleural Other",
    "Fracture", "Support Devices", "Aortic Enlargement", "Calcification", "COPD",
    "Enlarged Pulmonary Artery", "Interstitial Lung Disease", "Lung Cavity", "Lung Cyst",
    "Lung Tumor", "Mediastinal Shift", "Tuberculosis",
    NO_FINDING,
)  # fmt: skip
"""Every label that a reader may give, in the order in which readers give them."""

_CHEXPERT = {
    "No Finding": NO_FINDING,
    "Enlarged Cardiomediastinum": "Enlarged Cardiomediastinum",
    "Cardiomegaly": "Cardiomegaly",
    "Lung Opacity": "Lung Opacity",
    "Lung Lesion": "Lung Lesion",
    "Edema": "Edema",
    "Consolidation": "Consolidation",
    "Pneumonia": "Pneumonia",
    "Atelectasis": "Atelectasis",
    "Pneumothorax": "Pneumothorax",
    "Pleural Effusion": "Effusion",
    "Pleural Other": "Pleural Other",
    "Fracture": "Fracture",
    "Support Devices": "Support Devices",
}

_DEVICES = (
    "central venous catheter", "central venous catheter via jugular vein",
    "central venous catheter via subclavian vein", "central venous catheter via umbilical vein",
    "reservoir central venous catheter", "chest drain tube", "dual chamber device",
    "electrical device", "endotracheal tube", "NSG tube", "pacemaker", "single chamber device",
    "tracheostomy tube",
)  # fmt: skip

MAPPINGS: Final[Mapping[str, Mapping[str, str | tuple[str, ...] | None]]] = {
    "NIH ChestX-ray14": {label: label for label in NIH_LABELS},
    "NIH, Google's labels": {
        "Fracture": "Fracture",
        "Pneumothorax": "Pneumothorax",
        "Airspace opacity": "Lung Opacity",
        "Nodule or mass": "Nodule or Mass",
    },
    "CheXpert": _CHEXPERT,
    "MIMIC-CXR-JPG": _CHEXPERT,
    "PadChest": {
        **dict.fromkeys(
            (
                "atelectasis", "atelectasis basal", "laminar atelectasis", "lobar atelectasis",
                "round atelectasis", "segmental atelectasis", "total atelectasis",
            ),
            "Atelectasis",
        ),
        "cardiomegaly": "Cardiomegaly",
        **dict.fromkeys(
            ("pleural effusion", "loculated pleural effusion", "loculated fissural effusion"),
            "Effusion",
        ),
        "hydropneumothorax": ("Effusion", "Pneumothorax"),
        "infiltrates": "Infiltration",
        **dict.fromkeys(("mass", "pulmonary mass"), "Mass"),
        **dict.fromkeys(("nodule", "multiple nodules"), "Nodule"),
        **dict.fromkeys(("pneumonia", "atypical pneumonia"), "Pneumonia"),
        "pneumothorax": "Pneumothorax",
        "consolidation": "Consolidation",
        "pulmonary edema": "Edema",
        "emphysema": "Emphysema",
        "pulmonary fibrosis": "Fibrosis",
        **dict.fromkeys(
            ("pleural thickening", "apical pleural thickening", "calcified pleural thickening"),
            "Pleural_Thickening",
        ),
        "hiatal hernia": "Hernia",
        **dict.fromkeys(
            (
                "fracture", "callus rib fracture", "clavicle fracture", "humeral fracture",
                "rib fracture", "vertebral fracture",
            ),
            "Fracture",
        ),
        **dict.fromkeys(_DEVICES, "Support Devices"),
        "COPD signs": "COPD",
        "pulmonary artery enlargement": "Enlarged Pulmonary Artery",
        "cavitation": "Lung Cavity",
        "mediastinal shift": "Mediastinal Shift",
        "tuberculosis": "Tuberculosis",
        "normal": NO_FINDING,
    },
    "VinDr-CXR": {
        "Aortic enlargement": "Aortic Enlargement",
        "Atelectasis": "Atelectasis",
        "Calcification": "Calcification",
        "Cardiomegaly": "Cardiomegaly",
        "Clavicle fracture": "Fracture",
        "Consolidation": "Consolidation",
        "Edema": "Edema",
        "Emphysema": "Emphysema",
        "Enlarged PA": "Enlarged Pulmonary Artery",
        "ILD": "Interstitial Lung Disease",
        "Infiltration": "Infiltration",
        "Lung Opacity": "Lung Opacity",
        "Lung cavity": "Lung Cavity",
        "Lung cyst": "Lung Cyst",
        "Mediastinal shift": "Mediastinal Shift",
        "Nodule/Mass": "Nodule or Mass",
        "Pleural effusion": "Effusion",
        "Pleural thickening": "Pleural_Thickening",
        "Pneumothorax": "Pneumothorax",
        "Pulmonary fibrosis": "Fibrosis",
        "Rib fracture": "Fracture",
        "Other lesion": None,
        "COPD": "COPD",
        "Lung tumor": "Lung Tumor",
        "Pneumonia": "Pneumonia",
        "Tuberculosis": "Tuberculosis",
        "Other diseases": None,
        "Other disease": None,
        "No finding": NO_FINDING,
    },
    "RSNA Pneumonia": {"Target": "Pneumonia", "Normal": NO_FINDING},
    "Open-I": {
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
            ("Catheters, Indwelling", "Implanted Medical Device", "Tube, Inserted"),
            "Support Devices",
        ),
        "Pulmonary Disease, Chronic Obstructive": "COPD",
        "Tuberculosis": "Tuberculosis",
        "normal": NO_FINDING,
    },
    "ChestMNIST": {
        name.lower().removesuffix("_thickening"): name for name in NIH_FINDINGS
    },
}  # fmt: skip
"""Data set, then its own name, then the vocabulary's: one, several, or None where it is dropped."""


def mapped(
    source: str, columns: Mapping[str, NDArray[np.float32]]
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """The vocabulary's labels of a set, and targets (n, k), from columns under the set's own names.

    Where several columns mean one label it is present if it is in any of them, absent if it is absent
    from all, and else unknown.
    """
    parts: dict[str, list[NDArray[np.float32]]] = {}
    for name, column in columns.items():
        for label in _labels_of(source, name):
            parts.setdefault(label, []).append(column)
    labels = tuple(label for label in VOCABULARY if label in parts)
    return labels, np.stack([combined(parts[label]) for label in labels], axis=1)


def combined(columns: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """'Or' of columns of 1, 0 and NaN, each (n,): 1 before NaN before 0."""
    stacked = np.stack(columns)
    known = np.where(np.isnan(stacked).any(axis=0), np.float32(np.nan), np.float32(0))
    return np.where((stacked == 1).any(axis=0), np.float32(1), known)


def label_table() -> str:
    """The mapping of every data set as a Markdown table."""
    lines = ["| data set | its name | becomes |", "|---|---|---|"]
    for source, names in MAPPINGS.items():
        targets: dict[str, list[str]] = {}
        for name in names:
            labels = _labels_of(source, name)
            targets.setdefault(" and ".join(labels) or "dropped", []).append(name)
        for target, own in targets.items():
            lines.append(f"| {source} | {', '.join(own)} | {target} |")
    return "\n".join(lines) + "\n"


def _labels_of(source: str, name: str) -> tuple[str, ...]:
    target = MAPPINGS[source].get(name)
    if target is None:
        return ()
    return (target,) if isinstance(target, str) else target
