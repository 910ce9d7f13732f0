"""Networks whose first label a bright square decides, and pictures with one."""

from dataclasses import replace

import keras
import pytest
from planted import decide_by_square

from cxrzoo.models import entry


@pytest.fixture
def deciding(untrained):
    """Builds a small form of a model, whose first label a bright square decides."""

    def build(name, /, side=96, aspect="stretch", **given):
        keras.utils.set_random_seed(0)
        patches = entry(name).patches
        more = {"hidden_units": None, "input_shape": (side, side, 1), **given}
        if patches is not None:
            more.setdefault("global_pool", "token")
        model = decide_by_square(untrained(name, **more))
        model.cxrzoo = replace(model.cxrzoo, aspect=aspect)
        return model

    return build
