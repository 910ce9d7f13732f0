"""What a client process does; its Hub and its cache are its own."""

import sys

import keras

from cxrzoo import from_pretrained
from cxrzoo.artifacts import pull
from cxrzoo.models import model_tensors
from cxrzoo.pretrained import catalog as catalog_module
from cxrzoo.pretrained import config_to_json
from cxrzoo.pretrained.catalog import catalog


def load(uri, cache, pixels):
    from huggingface_hub import constants  # noqa: PLC0415 - the client's, not this process's

    constants.HF_HUB_CACHE = str(cache)
    model = from_pretrained(uri, verify=True)
    scores = keras.ops.convert_to_numpy(model(pixels, training=False))
    return model_tensors(model), scores, config_to_json(model.cxrzoo)


def load_by_name(entry, cache, pixels):
    """As it is with the catalog entry that push printed pasted into the catalog."""
    releases = {
        **catalog(),
        **{name: catalog_module.release(name, e) for name, e in entry.items()},
    }
    for module in (catalog_module, sys.modules["cxrzoo.pretrained.source"]):
        module.catalog = lambda: releases
    try:
        (name,) = entry
        return load(name, cache, pixels)
    finally:
        for module in (catalog_module, sys.modules["cxrzoo.pretrained.source"]):
            module.catalog = catalog


def pull_into(uri, directory, cache):
    from huggingface_hub import constants  # noqa: PLC0415

    constants.HF_HUB_CACHE = str(cache)
    artifact = pull(uri, directory)
    return artifact.commit, set(artifact.files)
