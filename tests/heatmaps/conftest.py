"""Networks whose first label a bright square decides, and pictures with one."""

from dataclasses import replace
from importlib import import_module
from math import prod
from pathlib import Path

import numpy as np
import pytest
from planted import decide_by_square

from cxrzoo.models import entry
from cxrzoo.models.tensors import assign_tensors, model_tensors


@pytest.fixture
def deciding(untrained):
    """Builds a small form of a model, whose first label a bright square decides."""

    def build(name, /, side=96, aspect="stretch", **given):
        patches = entry(name).patches
        more = {"hidden_units": None, "input_shape": (side, side, 1), **given}
        if patches is not None:
            more.setdefault("global_pool", "token")
        model = untrained(name, **more)
        random = np.random.default_rng(0)  # the same first weights on every backend
        first = {
            key: random.normal(0, prod(one.shape[:-1]) ** -0.5, one.shape).astype(np.float32)
            if one.ndim > 1
            else one
            for key, one in sorted(model_tensors(model).items())
        }
        assign_tensors(model, first)
        decide_by_square(model)
        model.cxrzoo = replace(model.cxrzoo, aspect=aspect)
        return model

    return build


@pytest.fixture
def seeing(untrained):
    """A small MobileNetV2 that was trained to tell pictures by a bright rectangle.

    ``benchmarks/accuracy/planted_object.py --network`` trained it.
    """

    def build(aspect="stretch"):
        model = untrained("mobilenet_v2_cxr", hidden_units=None, input_shape=(160, 160, 1))
        with np.load(Path(__file__).with_name("planted_network.npz")) as held:
            assign_tensors(model, {name: held[name].astype(np.float32) for name in held.files})
        model.cxrzoo = replace(model.cxrzoo, aspect=aspect)
        return model

    return build


@pytest.fixture
def planted_object(monkeypatch):
    """The benchmark that draws the pictures, trains networks and counts what is found."""
    root = Path(__file__).parents[2]
    monkeypatch.syspath_prepend(root / "benchmarks" / "accuracy")
    return import_module("planted_object")
