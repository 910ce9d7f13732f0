"""Chest X-rays of Shenzhen with and without tuberculosis.

Jaeger et al., "Two public chest X-ray datasets for computer-aided screening of pulmonary diseases",
Quantitative Imaging in Medicine and Surgery 4(6), 2014.
"""

import os
from typing import Literal

from cxrzoo.data.sets.layout import Missing, assemble, cells_as_targets, folder_of
from cxrzoo.data.sets.register import register_data_set
from cxrzoo.errors import DataNotFoundError

NAMES = {"tuberculosis": "Tuberculosis", "normal": "No Finding"}


@register_data_set(
    "shenzhen", title="Shenzhen", names=NAMES, holds="`CXR_png/CHNCXR_*_[01].png`",
    images=662, patients=662, split="stratified", terms="attribution",
    link="https://openi.nlm.nih.gov/faq#faq-tb-coll",
)  # fmt: skip
def Shenzhen(root: str | os.PathLike[str], *, labels: Literal["both", "tuberculosis"] = "both",
             missing: Missing = "error"):  # fmt: skip
    """Read every image of ``CXR_png``; its name ends in 1 with tuberculosis and in 0 without."""
    folder = folder_of(root)
    names = sorted(path.name for path in folder.glob("CXR_png/CHNCXR_*_[01].png"))
    if not names:
        raise DataNotFoundError(f"{folder} is no Shenzhen: expected CXR_png/CHNCXR_*_[01].png")
    found = [name[-5] for name in names]
    columns = {"tuberculosis": cells_as_targets(folder, "name", found)}
    if labels == "both":
        columns["normal"] = cells_as_targets(folder, "name", found, {"0": 1.0, "1": 0.0})
    images = [f"CXR_png/{name}" for name in names]
    return assemble(NAMES, table=folder, folder=folder, images=images, columns=columns,
                    patients=[name[7:11] for name in names], metadata={}, missing=missing,
                    name="shenzhen")  # fmt: skip
