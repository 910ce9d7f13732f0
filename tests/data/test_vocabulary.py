from itertools import product

import numpy as np
import pytest

from cxrzoo.data import VOCABULARY
from cxrzoo.data.sets.vindr import NAMES
from cxrzoo.data.sets.vocabulary import in_order, map_labels, require_spelling
from cxrzoo.errors import LabelError
from cxrzoo.labels import NIH_FINDINGS, NO_FINDING


def test_labels_that_come_from_several_columns_are_present_if_any_is():
    values = [1, 0, np.nan]
    rib, clavicle = np.array(list(product(values, values)), np.float32).T
    labels, targets = map_labels(NAMES, {"Rib fracture": rib, "Clavicle fracture": clavicle})
    assert labels == ("Fracture",)
    for a, b, both in zip(rib, clavicle, targets[:, 0], strict=True):
        expected = 1 if 1 in (a, b) else (np.nan if np.isnan(a + b) else 0)
        np.testing.assert_equal(both, np.float32(expected))


def test_the_vocabulary_begins_with_nihs_findings_and_ends_with_none():
    assert VOCABULARY[:14] == NIH_FINDINGS
    assert VOCABULARY[-1] == NO_FINDING
    assert len(set(VOCABULARY)) == len(VOCABULARY) >= 31


def test_a_label_that_the_vocabulary_lacks_comes_before_no_finding():
    assert in_order([NO_FINDING, "Scoliosis", "Tuberculosis", "Mass"]) == (
        "Mass", "Tuberculosis", "Scoliosis", NO_FINDING,
    )  # fmt: skip


def test_a_label_of_the_vocabulary_in_another_spelling_is_refused():
    require_spelling(["Scoliosis", "Pleural_Thickening"])
    for label, known in (("effusion", "Effusion"), ("Pleural Thickening", "Pleural_Thickening")):
        with pytest.raises(LabelError, match=f"the vocabulary has '{known}'"):
            require_spelling([label])
