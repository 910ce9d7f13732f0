"""Feature maps of a model by their stride."""

import keras

from cxrzoo.errors import ModelError
from cxrzoo.models.backbone import LAST
from cxrzoo.models.registry import entry
from cxrzoo.models.tokens import as_maps
from cxrzoo.pretrained import config_of
from cxrzoo.typed import check_arguments


def feature_maps(model: keras.Model) -> dict[int, keras.KerasTensor]:
    """Return a model's feature maps by their stride, as tensors within its graph.

    ``keras.Model(model.input, feature_maps(model)[32])`` computes those of stride 32: of a model for
    224 x 224 pixels, 7 x 7 of them. The last are what the head takes; a head that takes a class token
    takes none of them, and they are what the last attention is given.

    Args:
        model: a model of the zoo, with or without its top.

    Returns:
        Tensors ``(b, h, w, c)`` with the height and width of the input divided by the stride, by stride.

    Raises:
        ModelError: the model is not of the zoo.
    """
    check_arguments(feature_maps, locals(), ModelError)
    config = config_of(model, "feature_maps")
    first = ("head_pool", "head_flatten", "pool_avg", "pool_max")
    after = next((layer for layer in model.layers if layer.name in first), None)
    last = model.output if after is None else after.input
    found = {}
    for stride, place in entry(config.builder).features(config.arguments).items():
        name, _, end = place.rpartition(".") if place.endswith(".input") else (place, "", "output")
        maps = last if place == LAST else getattr(model.get_layer(name), end)
        if len(maps.shape) == 3:
            height, width, _ = config.arguments["input_shape"]
            maps = as_maps(maps, height // stride, width // stride)
        found[stride] = maps
    return found
