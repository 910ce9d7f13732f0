"""From a published model to a ``keras.Model``."""

from pathlib import Path

import keras

from cxrzoo.artifacts.golden import Check, check, require_golden
from cxrzoo.models import build_artifact
from cxrzoo.pretrained import open_artifact

__all__ = ["from_pretrained", "selfcheck"]


def from_pretrained(
    uri: str | Path, *, token: str | None = None, verify: bool = False
) -> keras.Model:
    """Loads a published model: the architecture from its description, the weights from its tensors.

    Only ``cxrzoo.json``, ``model.safetensors`` and, to verify, ``golden.safetensors`` are read; none
    can hold code. The load is all or nothing.

    Args:
        uri: a name of the catalog such as ``"nih-mini"``, ``"hf://org/name@revision"``, or a
            directory that :func:`cxrzoo.save_pretrained` wrote. Catalog files are held to pinned
            hashes at every load.
        token: for private and gated repositories of the Hugging Face Hub.
        verify: also compute its golden vectors here, and refuse a model that gives others.

    Returns:
        A plain ``keras.Model`` whose ``cxrzoo`` attribute is its :class:`~cxrzoo.pretrained.ModelConfig`.

    Raises:
        ArtifactNotFoundError: there is no such model, or one of its files is missing.
        HubError: the Hub refused, or cannot be reached.
        IntegrityError: a file is not what was pinned, or the golden vectors come out otherwise.
        ConfigError: ``cxrzoo.json`` breaks its format.
        TensorError: a tensor is missing, extra, misshapen, of the wrong type or not finite.
        ModelError: the description makes no model.
    """
    artifact = open_artifact(uri, token=token)
    model = build_artifact(artifact)
    if verify:
        require_golden(model, artifact)
    return model


def selfcheck(uri: str | Path = "nih-mini", *, token: str | None = None) -> Check:
    """Loads a published model and says how far it is from its golden vectors on this machine.

    Args:
        uri: as :func:`from_pretrained` takes it.
        token: for private and gated repositories.

    Raises:
        CxrZooError: the model cannot be loaded, or has no golden vectors.
    """
    artifact = open_artifact(uri, token=token)
    return check(build_artifact(artifact), artifact)
