"""Every backbone of the zoo is explained, by every method that goes with it."""

import numpy as np
import pytest

from cxrzoo.errors import ModelError
from cxrzoo.heatmaps import METHODS, Explainer
from cxrzoo.models import entry


@pytest.mark.wide
def test_a_backbone_is_explained_by_every_method_that_goes_with_it(
    small, pixels, score, model_name
):
    model = small(model_name, hidden_units=None)
    given = pixels(model.input_shape[1:]).astype(np.uint8)
    expected, used = score(model, given), []
    for method in METHODS:
        explainer = Explainer(model, method, steps=2, engine="keras")
        try:
            found = explainer.explain(given)
        except ModelError:
            continue
        used.append(method)
        np.testing.assert_allclose(found.scores, expected, atol=1e-4)
        assert found.values.shape[:2] == expected.shape
        assert np.isfinite(found.values).all()
        assert found.values.min() >= 0
        height, width, _ = model.input_shape[1:]
        assert found.maps.shape == (*expected.shape, height, width)
        assert 0 <= found.maps.min() <= found.maps.max() <= 1
    without = {"attention-rollout"} if entry(model_name).patches is None else {"cam"}
    if any(layer.name == "head_flatten" for layer in model.layers):
        without.add("cam")
    assert set(METHODS) - set(used) == without
