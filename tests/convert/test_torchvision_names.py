"""Every tensor of torchvision's networks has its place in ours, and ours lack none.

``torchvision_names.json`` has the names and shapes of the state dicts of torchvision 0.28.0. What the
networks compute is compared by ``benchmarks/parity/convert_parity.py``, beside torchvision itself.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import cxrzoo
from cxrzoo.convert.fit import plan_by_map
from cxrzoo.convert.key_map import Asked
from cxrzoo.models import entry, list_models
from cxrzoo.models.builder import describe, planned
from cxrzoo.models.head import is_head

NAMES = json.loads((Path(__file__).parent / "torchvision_names.json").read_text("utf-8"))
WITHOUT_CLASSIFIER = {"convnext_tiny_cxr", "vgg16_cxr"}


@pytest.mark.parametrize("builder", NAMES)
def test_every_tensor_has_its_place_and_its_shape(builder):
    backbone = entry(builder)
    key_map = backbone.publishers["torchvision"]
    arguments = {
        **backbone.defaults,
        **dict(key_map.arguments),
        "input_shape": (32, 32, 3),
        "labels": [f"label {i}" for i in range(1000)],
    }
    shapes = planned(backbone, describe(backbone, arguments))
    plan = plan_by_map(key_map, NAMES[builder], shapes)
    assert not plan.over
    assert all(is_head(name) and builder in WITHOUT_CLASSIFIER for name in plan.missing)
    for step in plan.steps:
        asked = Asked(tuple(shapes[name] for name in step.targets), 1e-3)
        sources = [np.ones(NAMES[builder][name], "float32") for name in step.sources]
        made = step.transform(sources, asked)
        assert [one.shape for one in made] == list(asked.shapes), step.sources


def test_a_wrapper_a_sequential_and_one_channel_lead_to_the_same_plan():
    """As torchxrayvision's resnet50-res512-all, whose module wraps torchvision's."""
    backbone = entry("resnet50_v15_cxr")
    shapes = planned(backbone, describe(backbone, {**backbone.defaults, "scaling": "unit"}))
    assert shapes[backbone.first_kernel] == (7, 7, 1, 64)
    key_map, names = backbone.publishers["torchvision"], NAMES["resnet50_v15_cxr"]
    plain = {step.targets for step in plan_by_map(key_map, names, shapes).steps}
    for spelt in ("model.{}", "module.model.{}"):
        plan = plan_by_map(key_map, [*map(spelt.format, names), "op_threshs"], shapes)
        assert {step.targets for step in plan.steps} == plain
        assert not plan.over + plan.missing
        assert plan.thresholds == "op_threshs"


def test_the_maps_arguments_hold_unless_others_are_given(tmp_path):
    random = np.random.default_rng(0)
    path = tmp_path / "mobilenet_v2.safetensors"
    save_file(
        {
            name: random.uniform(0.5, 1, shape).astype("float32")
            for name, shape in NAMES["mobilenet_v2_cxr"].items()
            if shape and not name.startswith("classifier")
        },
        path,
    )
    model = cxrzoo.convert_file(path, "mobilenet_v2_cxr", input_size=32)
    assert model.cxrzoo.arguments["padding"] == "symmetric"
    assert model.cxrzoo.arguments["scaling"] == "imagenet"
    assert model.get_layer("Conv1").padding == "valid"
    other = cxrzoo.convert_file(path, "mobilenet_v2_cxr", input_size=32, scaling="unit")
    assert other.cxrzoo.arguments["padding"] == "symmetric"
    assert other.cxrzoo.arguments["scaling"] == "unit"


def test_every_backbone_with_a_map_of_torchvision_is_here():
    mapped = {name for name in list_models() if "torchvision" in entry(name).publishers}
    assert mapped == {*NAMES, "densenet121_cxr"}
