"""A model's own thresholds and calibration reach its predictions."""

from dataclasses import replace

import numpy as np
import pytest

from cxrzoo.errors import ModelError
from cxrzoo.inference import calibrated, decisions, predict_files

CALIBRATION = {"Mass": (0.5, 1.0), "Edema": (2.0, 0.0)}


@pytest.fixture(scope="module")
def model(small):
    return small("mobilenet_cxr")


@pytest.fixture(scope="module")
def scored(model, sample_files):
    return predict_files(model, sample_files)


@pytest.fixture(scope="module")
def carrying(model, scored):
    """A description whose thresholds some of the sample reach, the highest score among them exactly."""
    highest = scored.scores.max(axis=0).astype(float)
    thresholds = {"Mass": highest[0], "Edema": float(np.median(scored.scores[:, 1]))}
    return replace(model.cxrzoo, thresholds=thresholds, calibration=CALIBRATION)


def test_a_score_at_or_above_the_threshold_is_a_yes_and_no_threshold_is_no_answer(scored, carrying):
    decided = decisions(scored, carrying)
    np.testing.assert_array_equal(decided[:, 0], scored.scores[:, 0] == scored.scores[:, 0].max())
    np.testing.assert_array_equal(
        decided[:, 1], scored.scores[:, 1] >= carrying.thresholds["Edema"]
    )
    assert np.isnan(decided[:, 2]).all()


def test_calibration_is_a_line_on_the_logit_of_the_score(scored, carrying):
    found = calibrated(scored, carrying)
    assert found.images == scored.images
    p = scored.scores.astype(float)
    odds = p / (1 - p)
    for column, expected in ((0, np.e * np.sqrt(odds[:, 0])), (1, odds[:, 1] ** 2)):
        np.testing.assert_allclose(found.scores[:, column], expected / (1 + expected), atol=1e-6)
    np.testing.assert_array_equal(found.scores[:, 2], scored.scores[:, 2])


@pytest.mark.parametrize(
    ("read", "lacks"), [(calibrated, "calibration"), (decisions, "thresholds")]
)
def test_a_model_that_carries_none_says_how_to_get_them(scored, model, read, lacks):
    with pytest.raises(ModelError, match=f"carries no {lacks}.*validation part"):
        read(scored, model.cxrzoo)
