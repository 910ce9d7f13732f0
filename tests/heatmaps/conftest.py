"""Networks whose first label a bright square decides, and pictures with one."""

from dataclasses import replace

import keras
import pytest
from planted import decide_by_square

from cxrzoo import from_pretrained
from cxrzoo.models import entry, replace_head

LABELS = ("Mass", "Edema", "No Finding")


@pytest.fixture
def deciding(untrained):
    """Builds a small form of a model, whose first label a bright square decides."""

    def build(name, /, side=96, aspect="stretch", **given):
        keras.utils.set_random_seed(0)
        if name == "nih-mini":
            return decide_by_square(replace_head(from_pretrained(name), LABELS))
        patches = entry(name).patches
        more = {"hidden_units": None, "input_shape": (side, side, 1), **given}
        if patches is not None:
            more.setdefault("global_pool", "token")
        model = decide_by_square(untrained(name, **more))
        model.cxrzoo = replace(model.cxrzoo, aspect=aspect)
        return model

    return build
