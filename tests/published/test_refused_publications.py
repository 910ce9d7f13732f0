"""What is not whole, not licensed or not itself is not published: before any request."""

import json
import shutil

import keras
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from cxrzoo import push_to_hub
from cxrzoo.errors import (
    ArtifactError,
    ArtifactNotFoundError,
    ConfigError,
    EvaluationError,
    IntegrityError,
)


def unlicensed(saved):
    path = saved / "cxrzoo.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "licence": None}))


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (unlicensed, ArtifactError, "without a licence is not published.*--licence"),
        (
            lambda saved: (saved / "golden.safetensors").unlink(),
            ArtifactNotFoundError,
            "has no golden",
        ),
        (
            lambda saved: (saved / "report.json").write_text("{}"),
            EvaluationError,
            "not a report",
        ),
        (
            lambda saved: (saved / "report.json").write_text("[" * 100_000),
            ConfigError,
            r"report\.json is nested too deep",
        ),
        (lambda saved: (saved / "cxrzoo.json").write_text("{"), ConfigError, "not JSON"),
        (shutil.rmtree, ArtifactNotFoundError, "there is no model"),
    ],
)
def test_what_is_not_whole_is_not_published(client, hub, saved, repo_id, spoil, error, message):
    spoil(saved)
    with pytest.raises(error, match=message):
        client(push_to_hub, saved, repo_id)
    assert hub.seen == []


def test_a_model_that_does_not_reproduce_its_vectors_is_not_published(client, hub, saved, repo_id):
    tensors = load_file(saved / "model.safetensors")
    tensors["predictions/bias"] = tensors["predictions/bias"] + np.float32(0.5)
    save_file(tensors, saved / "model.safetensors")
    with pytest.raises(IntegrityError, match="does not reproduce its 4 golden vectors"):
        client(push_to_hub, saved, repo_id)
    assert hub.seen == []


def test_a_backbone_without_labels_is_not_published(small):
    backbone = small("cnn_test1", include_top=False)
    with pytest.raises(ArtifactError, match=r"without labels is not published.*replace_head"):
        push_to_hub(backbone, "acme/backbone", licence="CC-BY-4.0")


def test_a_stranger_is_not_published():
    with pytest.raises(ArtifactError, match="takes a model that cxrzoo built"):
        push_to_hub(keras.Sequential([keras.Input((2,))]), "acme/stranger", licence="MIT")
