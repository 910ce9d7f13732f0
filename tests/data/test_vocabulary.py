from itertools import product
from pathlib import Path

import numpy as np

from cxrzoo.data import VOCABULARY
from cxrzoo.data.sets.vocabulary import MAPPINGS, label_table, mapped
from cxrzoo.labels import NIH_LABELS

DOCS = Path(__file__).parents[2] / "docs" / "datasets.md"


def test_labels_that_come_from_several_columns_are_present_if_any_is():
    values = [1, 0, np.nan]
    rib, clavicle = np.array(list(product(values, values)), np.float32).T
    labels, targets = mapped("VinDr-CXR", {"Rib fracture": rib, "Clavicle fracture": clavicle})
    assert labels == ("Fracture",)
    for a, b, both in zip(rib, clavicle, targets[:, 0], strict=True):
        expected = 1 if 1 in (a, b) else (np.nan if np.isnan(a + b) else 0)
        np.testing.assert_equal(both, np.float32(expected))


def test_every_mapping_leads_into_the_vocabulary_and_stands_in_the_docs():
    assert len(set(VOCABULARY)) == len(VOCABULARY)
    assert set(NIH_LABELS) <= set(VOCABULARY)
    for names in MAPPINGS.values():
        for target in names.values():
            labels = (target,) if isinstance(target, str) else target or ()
            assert set(labels) <= set(VOCABULARY)
    assert label_table() in DOCS.read_text()
