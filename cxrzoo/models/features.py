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
    return {
        stride: as_maps(tensor, *grid) if len(tensor.shape) == 3 else tensor
        for stride, (tensor, grid) in feature_tensors(model, "feature_maps").items()
    }


def feature_tensors(
    model: keras.Model, function: str
) -> dict[int, tuple[keras.KerasTensor, tuple[int, int]]]:
    """Return feature maps as they are in the graph, with their rows and columns, by their stride.

    Those of tokens are ``(b, n, d)``, which may begin with a class token.

    Args:
        model: a model of the zoo.
        function: what a message calls the function that was given the model.

    Raises:
        ModelError: the model is not of the zoo.
    """
    config = config_of(model, function)
    first = ("head_pool", "head_flatten", "pool_avg", "pool_max")
    after = next((layer for layer in model.layers if layer.name in first), None)
    last = model.output if after is None else after.input
    found = {}
    for stride, place in entry(config.builder).features(config.arguments).items():
        name, _, end = place.rpartition(".") if place.endswith(".input") else (place, "", "output")
        maps = last if place == LAST else getattr(model.get_layer(name), end)
        height, width, _ = config.arguments["input_shape"]
        flat = len(maps.shape) == 3
        found[stride] = maps, (height // stride, width // stride) if flat else maps.shape[1:3]
    return found
