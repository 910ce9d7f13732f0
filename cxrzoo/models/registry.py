"""The zoo's backbones by name."""

import fnmatch
from typing import Any, Final

import keras

from cxrzoo.errors import ModelError, UnknownModelError
from cxrzoo.models.backbone import Backbone
from cxrzoo.nearest import with_nearest
from cxrzoo.typed import check_arguments

_BACKBONES: Final[dict[str, Backbone]] = {}


def add(backbone: Backbone) -> None:
    """Add a backbone, or put it in the place of the one that has its name."""
    _BACKBONES[backbone.name] = backbone


def list_models(pattern: str = "*") -> list[str]:
    """Return the names of the zoo's builders that match a shell pattern, sorted.

    Args:
        pattern: such as ``"mobilenet*"``.
    """
    check_arguments(list_models, locals(), ModelError)
    return sorted(fnmatch.filter(_BACKBONES, pattern))


def entry(name: str) -> Backbone:
    """Return what is registered under a name.

    Raises:
        UnknownModelError: nothing is; the message has the nearest names.
    """
    check_arguments(entry, locals(), ModelError)
    if name not in _BACKBONES:
        raise UnknownModelError(
            f"there is no model {with_nearest([name], _BACKBONES)}; "
            f"there are {', '.join(list_models())}."
        )
    return _BACKBONES[name]


def create_model(name: str, /, **kwargs: Any) -> keras.Model:
    """Build a model by its builder's name.

    Args:
        name: one of :func:`list_models`.
        **kwargs: the builder's arguments.

    Returns:
        A plain ``keras.Model`` that takes ``(b, height, width, channels)`` pixels in [0, 255].

    Raises:
        UnknownModelError: no builder has this name.
        ModelError: the arguments make no model.
    """
    return entry(name).builder(**kwargs)
