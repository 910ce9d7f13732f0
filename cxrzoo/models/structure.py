"""What two models differ in, layer by layer, as far as it shows in what they compute."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

import keras
import numpy as np
from keras import layers

from cxrzoo.errors import ModelError
from cxrzoo.models.tensors import is_counted, tensor_shapes

_IDLE: Final = frozenset(
    kind.__name__
    for kind in (
        layers.ActivityRegularization,
        layers.AlphaDropout,
        layers.Dropout,
        layers.GaussianDropout,
        layers.GaussianNoise,
        layers.Identity,
        layers.SpatialDropout1D,
        layers.SpatialDropout2D,
    )
)
"""Layers of Keras that give in inference what they are given."""

_TRAINING_ONLY: Final = frozenset(
    {"dropout", "drop_path_rate", "momentum", "seed", "synchronized", "trainable"}
)
_NO_MATTER: Final = _TRAINING_ONLY | {"dtype", "name"}
_STARTS: Final = ("_initializer", "_regularizer", "_constraint")


@dataclass(frozen=True, slots=True)
class _Part:
    """One layer that computes, with the places of what it takes in among the others.

    ``owner`` is its name if tensors are named after it and it is one that somebody chose.
    """

    name: str
    owner: str
    kind: str
    settings: Mapping[str, Any]
    takes: Any

    @property
    def described(self) -> str:
        return f"{self.name!r} ({self.kind.rpartition('>')[2]})"

    @property
    def alignment(self) -> tuple[str, str]:
        return (self.kind, "" if is_counted(self.name) else self.name)


def differences(model: keras.Model, described: keras.Model) -> list[str]:
    """Return what a model has that the described one has not, or the other way round, in words.

    Compared are the layers that compute in inference, their settings, what each takes in, and names and
    shapes of the tensors. Names of layers without tensors, dtypes and what matters in training only
    (dropout, momentum, what is trainable) are not.

    Args:
        model: any model.
        described: a functional model.
    """
    kind = keras.Sequential if isinstance(model, keras.Sequential) else type(described)
    if not isinstance(model, kind) or type(model).call is not kind.call:
        return [
            f"it is a {type(model).__name__} with a call of its own, not a graph of Keras's layers"
        ]
    try:
        found = _parts(model)
    except Exception as error:  # noqa: BLE001 - get_config of a layer of one's own raises anything
        names = [layer.name for layer in model.layers if not _says_what_it_is(layer)]
        where = f"layer {names[0]!r}" if names else "the model"
        return [f"{where} is not made of what Keras knows: {' '.join(str(error).split()):.120}"]
    return _unlike_parts(found, _parts(described)) or _unlike_tensors(model, described)


def _says_what_it_is(layer: keras.Layer) -> bool:
    try:
        layer.get_config()
    except Exception:  # noqa: BLE001 - as above
        return False
    return True


def _unlike_parts(found: list[_Part], expected: list[_Part]) -> list[str]:
    if [part.kind for part in found] == [part.kind for part in expected]:
        return [text for pair in zip(found, expected, strict=True) for text in _unlike(*pair)]
    ours, theirs = ([part.alignment for part in parts] for parts in (found, expected))
    matched = SequenceMatcher(a=ours, b=theirs, autojunk=False)
    texts = []
    for tag, first, last, other_first, other_last in matched.get_opcodes():
        if tag != "equal":
            texts += [
                f"it has a layer {part.described} that is not described"
                for part in found[first:last]
            ]
            texts += [
                f"it lacks the layer {part.described}" for part in expected[other_first:other_last]
            ]
    return texts


def _unlike(found: _Part, expected: _Part) -> list[str]:
    texts = [
        f"layer {found.name!r} has {name}={found.settings.get(name)!r:.80}, described is "
        f"{expected.settings.get(name)!r:.80}"
        for name in {**expected.settings, **found.settings}
        if found.settings.get(name) != expected.settings.get(name)
    ]
    if found.owner != expected.owner:
        texts = [f"layer {found.name!r} is where {expected.name!r} is described"]
    if not texts and found.takes != expected.takes:
        texts = [f"layer {found.name!r} takes in the outputs of other layers than described"]
    return texts


def _unlike_tensors(model: keras.Model, described: keras.Model) -> list[str]:
    try:
        found = tensor_shapes(model)
    except ModelError as error:
        return [str(error).rstrip(".")]
    expected = tensor_shapes(described)
    return [
        f"tensor {name!r} is {found.get(name, 'not there')}, described is "
        f"{expected.get(name, 'none')}"
        for name in {**expected, **found}
        if found.get(name) != expected.get(name)
    ]


def _parts(model: keras.Model) -> list[_Part]:
    parts: list[_Part] = []
    owners = {part for weight in model.weights for part in weight.path.split("/")[:-1]}
    # Keras counts names that nobody chose: the same network has others when it is built again.
    owners = {name for name in owners if not is_counted(name)}
    given = _collect(model.get_config(), parts, {}, owners)
    return [*parts, _Part("output", "", "output", {}, given)]


def _collect(
    config: Mapping[str, Any], parts: list[_Part], places: dict[str, Any], owners: set[str]
) -> Any:
    """Add the layers of a model's configuration, those of models in it among them; return what it gives.

    ``places`` has, by a layer's name, its index among the parts; ``"pixels"`` of an input; and of a layer
    that does nothing in inference, or of a model, what it gives.
    """
    before: Any = "pixels"
    for layer in config["layers"]:
        settings = layer["config"] if isinstance(layer["config"], Mapping) else {}
        name = settings.get("name", layer.get("name", ""))
        nodes = layer.get("inbound_nodes")  # a sequential model has none
        takes = before if nodes is None else _placed(_plain(nodes), places)
        package = layer.get("module") or ""
        if layer["class_name"] == "InputLayer":
            places[name] = "pixels"
        elif package.partition(".")[0] == "keras" and "layers" in settings:
            places[name] = _collect(settings, parts, places, owners)
        elif package == "keras.layers" and layer["class_name"] in _IDLE and _is_idle(takes, nodes):
            places[name] = _one(takes)
        else:
            places[name] = len(parts)
            kind = f"{layer.get('registered_name') or package}>{layer['class_name']}"
            parts.append(
                _Part(
                    name=name,
                    owner=name if name in owners else "",
                    kind=kind,
                    settings=_shown(settings),
                    takes=takes if nodes is None else _one(takes),
                )
            )
        before = places[name] if isinstance(places[name], str | list) else [places[name], 0, 0]
    ends = config.get("output_layers")
    return before if ends is None else _one(_placed(_plain(ends), places))


def _shown(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return those settings of a layer that may show in what it computes."""
    return {
        key: _plain(value)
        for key, value in settings.items()
        if key not in _NO_MATTER and not key.endswith(_STARTS)
    }


def _placed(value: Any, places: Mapping[str, Any]) -> Any:
    """Return a plain value with the places of layers where it names them."""
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return _placed(value["config"]["keras_history"], places)
        return {
            key: _placed(item, places)
            for key, item in value.items()
            if item is not None and (key, item) != ("training", False)  # the default in inference
        }
    if isinstance(value, list):
        if len(value) == 3 and isinstance(value[0], str) and value[0] in places:
            place = places[value[0]]
            # Of an input, and of what stands for another layer's output, there is one output.
            return place if isinstance(place, str | list) else [place, *value[1:]]
        return [_placed(item, places) for item in value]
    return value


def _is_idle(takes: Any, nodes: Any) -> bool:
    """Return whether a layer such as dropout is called once, and not as in training."""
    return nodes is None or (len(nodes) == 1 and not isinstance(_one(takes), dict))


def _one(takes: Any) -> Any:
    """Unpack what holds one thing: a list of one call, a call of one argument."""
    while True:
        if isinstance(takes, list) and len(takes) == 1:
            takes = takes[0]
        elif isinstance(takes, dict) and set(takes) == {"args", "kwargs"} and not takes["kwargs"]:
            takes = takes["args"]
        else:
            return takes


def _plain(value: Any) -> Any:
    """Return a setting in one spelling, whether it was read from a file or not."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
