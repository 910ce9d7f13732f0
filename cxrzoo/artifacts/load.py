"""From a published model to a ``keras.Model``."""

from pathlib import Path

import keras

from cxrzoo.models import build_artifact
from cxrzoo.store import open_artifact

__all__ = ["from_pretrained"]


def from_pretrained(uri: str | Path, *, token: str | None = None) -> keras.Model:
    """Loads a published model: the architecture from its description, the weights from its tensors.

    Only ``cxrzoo.json`` and ``model.safetensors`` are read; neither can hold code. The load is all
    or nothing.

    Args:
        uri: a name of the catalog such as ``"nih-mini"``, ``"hf://org/name@revision"``, or a
            directory that :func:`cxrzoo.save_pretrained` wrote. Catalog files are held to pinned
            hashes at every load.
        token: for private and gated repositories of the Hugging Face Hub.

    Returns:
        A plain ``keras.Model`` whose ``cxrzoo`` attribute is its :class:`~cxrzoo.store.ModelConfig`.

    Raises:
        ArtifactNotFoundError: there is no such model, or one of its files is missing.
        HubError: the Hub refused, or cannot be reached.
        IntegrityError: a file is not what was pinned.
        ConfigError: ``cxrzoo.json`` breaks its format.
        TensorError: a tensor is missing, extra, misshapen, of the wrong type or not finite.
        ModelError: the description makes no model.
    """
    return build_artifact(open_artifact(uri, token=token))
