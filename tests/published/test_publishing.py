"""From a model to the Hub and back, against a real server on loopback."""

import json
import shutil
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from in_client import load, load_by_name, pull_into
from loopback_client import client_of
from loopback_http import Fault
from loopback_hub import LoopbackHub

import cxrzoo
from cxrzoo import from_pretrained, push_to_hub, save_pretrained
from cxrzoo.artifacts import pull
from cxrzoo.errors import (
    ArtifactError,
    ArtifactNotFoundError,
    ConfigError,
    HubError,
    IntegrityError,
)
from cxrzoo.models import model_tensors
from cxrzoo.pretrained import catalog as catalog_module
from cxrzoo.pretrained import config_to_json

PUBLISHED = {
    "README.md",
    "config.json",
    "cxrzoo.json",
    "golden.safetensors",
    "metadata.json",
    "model.safetensors",
    "model.weights.h5",
    "report.json",
}


def contents(hub, repo_id, revision="main"):
    repository = hub.repository(repo_id)
    entries = repository.entries(repository.resolve(revision))
    return {path: repository.blob(entry.oid).read_bytes() for path, entry in entries.items()}


@pytest.fixture
def same(licensed_model, score, real_pixels):
    """Says whether what a client loaded is the model: bit-identical tensors, equal predictions."""

    def check(loaded):
        tensors, scores, config = loaded
        for path, value in model_tensors(licensed_model).items():
            np.testing.assert_array_equal(tensors[path], value, strict=True)
        np.testing.assert_allclose(scores, score(licensed_model, real_pixels), rtol=0, atol=1e-5)
        assert config == config_to_json(licensed_model.cxrzoo)

    return check


def test_a_model_goes_to_the_hub_and_comes_back_by_name_revision_and_tag(
    client, hub, saved, repo_id, real_pixels, same, tmp_path
):
    published = client(push_to_hub, saved, repo_id, tag="v1.0")
    assert set(contents(hub, repo_id)) == PUBLISHED | {".gitattributes"}
    for number, uri in enumerate(
        (f"hf://{repo_id}", f"hf://{repo_id}@main", f"hf://{repo_id}@v1.0", published.uri)
    ):
        same(client(load, uri, tmp_path / f"cache{number}", real_pixels))
    same(client(load_by_name, published.catalog_entry, tmp_path / "pinned", real_pixels))


def test_what_was_fetched_once_loads_with_the_server_stopped_and_offline(
    client, hub, saved, repo_id, real_pixels, same, tmp_path
):
    cache = tmp_path / "cache"
    published = client(push_to_hub, saved, repo_id, tag="v1.0")
    same(client(load, f"hf://{repo_id}@v1.0", cache, real_pixels))
    with LoopbackHub(tmp_path / "hub").running() as stopped:
        pass
    with client_of(stopped.url, tmp_path / "home", HF_HUB_OFFLINE="1") as offline:
        same(offline(load, f"hf://{repo_id}@v1.0", cache, real_pixels))
        same(offline(load, published.uri, cache, real_pixels))
        with pytest.raises(ArtifactNotFoundError, match="HF_HUB_OFFLINE is set"):
            offline(load, f"hf://{repo_id}", tmp_path / "empty", real_pixels)
        # What the catalog pins includes the report and the card, which a load does not fetch.
        same(offline(load_by_name, published.catalog_entry, cache, real_pixels))


LOAD_WITH_KERAS = """
import sys
sys.modules["cxrzoo"] = None  # an import of cxrzoo fails
import keras, numpy
pixels = numpy.load(sys.argv[1])
for uri, scores in zip(sys.argv[2::2], sys.argv[3::2], strict=True):
    found = keras.ops.convert_to_numpy(keras.saving.load_model(uri)(pixels, training=False))
    numpy.testing.assert_allclose(found, numpy.load(scores), rtol=0, atol=1e-5)
print("equal")
"""


def test_keras_alone_gives_the_same_predictions(
    client, hub, licensed_model, hub_environment, score, real_pixels, repo_id, tmp_path
):
    np.save(tmp_path / "pixels.npy", real_pixels)
    arguments = []
    for dtype in ("float32", "float16"):
        saved = save_pretrained(licensed_model, tmp_path / dtype, dtype=dtype)
        client(push_to_hub, saved, f"{repo_id}-{dtype}")
        np.save(tmp_path / f"{dtype}.npy", score(from_pretrained(saved), real_pixels))
        arguments += [f"hf://{repo_id}-{dtype}", str(tmp_path / f"{dtype}.npy")]
    done = subprocess.run(
        [sys.executable, "-c", LOAD_WITH_KERAS, str(tmp_path / "pixels.npy"), *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=hub_environment(),
        cwd=tmp_path,
        timeout=300,
    )
    assert done.stdout.strip().endswith("equal"), done.stderr


def test_a_model_of_ones_own_hand_is_published_too(client, hub, saved, repo_id, tmp_path):
    """A trained model in a session, not a directory: it has no report, and the card says so."""
    published = client(push_in_session, saved, repo_id)
    assert published.catalog_entry is None
    held = contents(hub, repo_id)
    assert set(held) == PUBLISHED - {"report.json"} | {".gitattributes"}
    assert b"Nobody has measured this model yet" in held["README.md"]


def push_in_session(directory, repo_id):
    model = from_pretrained(directory)
    model.compile("adam", "binary_crossentropy")
    return push_to_hub(model, repo_id)


def test_the_same_model_published_twice_is_one_commit(client, hub, saved, repo_id):
    first = client(push_to_hub, saved, repo_id)
    assert client(push_to_hub, saved, repo_id) == first


def test_the_catalog_entry_pins_what_cxrzoo_reads(client, hub, saved, repo_id, report):
    published = client(push_to_hub, saved, repo_id)
    ((name, entry),) = published.catalog_entry.items()
    release = catalog_module.release(name, entry)
    assert name == repo_id.split("/")[1]
    assert release.commit == published.commit
    assert set(release.sha256) == PUBLISHED - {"config.json", "metadata.json", "model.weights.h5"}
    assert release.split == "official, test"
    assert release.macro_auc == pytest.approx(report.macro.roc_auc, abs=1e-4)
    assert json.loads(json.dumps(published.catalog_entry)) == published.catalog_entry


def test_a_pinned_release_refuses_a_file_swapped_at_its_commit(
    client, hub, saved, repo_id, real_pixels, tmp_path
):
    entry = client(push_to_hub, saved, repo_id).catalog_entry
    for name in ("cxrzoo.json", "model.safetensors", "golden.safetensors"):
        raw = bytearray(contents(hub, repo_id)[name])
        raw[-1] ^= 1
        hub.repository(repo_id).swap(name, bytes(raw))
        with pytest.raises(IntegrityError, match=rf"{name} is not the file that was published"):
            client(load_by_name, entry, tmp_path / name, real_pixels)
        raw[-1] ^= 1
        hub.repository(repo_id).swap(name, bytes(raw))


def test_only_files_of_the_format_are_published(client, hub, saved, repo_id):
    (saved / "patients.csv").write_text("name,diagnosis")
    (saved / "best.keras").write_bytes(b"PK")
    client(push_to_hub, saved, repo_id)
    assert set(contents(hub, repo_id)) == PUBLISHED | {".gitattributes"}


def test_a_card_of_ones_own_is_taken_as_it_is(client, hub, saved, repo_id):
    (saved / "README.md").write_text("---\nlicense: cc-by-4.0\n---\n# By hand\n")
    client(push_to_hub, saved, repo_id)
    assert contents(hub, repo_id)["README.md"] == (saved / "README.md").read_bytes()


def test_a_licence_may_be_named_when_publishing(client, hub, saved, repo_id):
    client(push_to_hub, saved, repo_id, licence="LicenseRef-hospital")
    held = contents(hub, repo_id)
    assert json.loads(held["cxrzoo.json"])["licence"] == "LicenseRef-hospital"
    assert b"license: other\nlicense_name: licenseref-hospital" in held["README.md"]
    assert json.loads((saved / "cxrzoo.json").read_text())["licence"] == "CC-BY-4.0"


# Two at once.


def test_two_processes_that_fetch_at_once_into_an_empty_cache_both_get_a_whole_model(
    client, hub, saved, repo_id, real_pixels, same, tmp_path
):
    client(push_to_hub, saved, repo_id)
    hub.faults.append(Fault(r"/[0-9a-f]{64}$", "GET", times=1, stall=1))
    loads = [
        client.start(load, f"hf://{repo_id}", tmp_path / "cache", real_pixels) for _ in range(2)
    ]
    for each in loads:
        same(each.result(timeout=300))
    assert {path.suffix for path in (tmp_path / "cache").rglob("*.incomplete")} == set()


def test_of_two_publishers_one_wins_whole_and_the_other_is_told(
    client, hub, saved, licensed_model, repo_id, tmp_path
):
    client(push_to_hub, saved, repo_id)
    other = tmp_path / "other"
    licensed_model_2 = cxrzoo.replace_head(licensed_model, ("Mass", "Edema"))
    licensed_model_2.cxrzoo = replace(licensed_model_2.cxrzoo, licence="CC-BY-4.0")
    save_pretrained(licensed_model_2, other)
    third = tmp_path / "third"
    shutil.copytree(saved, third)
    (third / "report.json").unlink()
    both = threading.Barrier(2)
    hub.faults.append(Fault("/preupload/", times=2, wait=lambda: both.wait(timeout=300)))
    pushes = [client.start(push_to_hub, each, repo_id) for each in (other, third)]
    errors = [push.exception(timeout=300) for push in pushes]
    assert sorted(type(error).__name__ for error in errors) == ["HubError", "NoneType"]
    loser = next(error for error in errors if error is not None)
    assert isinstance(loser, HubError)
    assert "someone else committed" in str(loser)
    winner = (other, third)[errors.index(None)]
    held = contents(hub, repo_id)
    assert set(held) == PUBLISHED - {"report.json"} | {".gitattributes"}
    for name in ("cxrzoo.json", "model.safetensors", "golden.safetensors"):
        assert held[name] == (winner / name).read_bytes()
    assert len(hub.repository(repo_id).history("main")) == 3


# Pull.


def test_a_published_model_is_pulled_into_a_directory(client, hub, saved, repo_id, tmp_path):
    published = client(push_to_hub, saved, repo_id)
    commit, files = client(pull_into, f"hf://{repo_id}", tmp_path / "mine", tmp_path / "cache")
    assert commit == published.commit
    assert {path.name for path in (tmp_path / "mine").iterdir()} == files
    assert files == PUBLISHED - {"config.json", "metadata.json", "model.weights.h5"}
    for path in saved.iterdir():
        assert (tmp_path / "mine" / path.name).read_bytes() == path.read_bytes()
    client(push_to_hub, tmp_path / "mine", f"{repo_id}-copy")
    assert contents(hub, f"{repo_id}-copy") == contents(hub, repo_id)


def test_a_release_of_the_package_is_pulled_without_a_network(tmp_path):
    artifact = pull("nih-mini", tmp_path / "mine")
    assert artifact.commit is None
    assert from_pretrained(tmp_path / "mine").cxrzoo == from_pretrained("nih-mini").cxrzoo


def test_a_pull_that_fails_leaves_the_directory_as_it_was(client, hub, saved, repo_id, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("In the beginning")
    client(push_to_hub, saved, repo_id)
    with pytest.raises(ArtifactError, match="holds something else"):
        client(pull_into, f"hf://{repo_id}", tmp_path / "thesis", tmp_path / "cache")
    hub.repository(repo_id).swap("report.json", b"<html>")
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    with pytest.raises(ConfigError, match=r"report\.json is not JSON"):
        client(pull_into, f"hf://{repo_id}", saved, tmp_path / "cache2")
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter1.tex"]
    assert not list(tmp_path.glob(".*partial*"))
