"""A release of the catalog is held to its hashes at every load."""

import hashlib
import json
import shutil

import pytest

from cxrzoo import from_pretrained, save_pretrained
from cxrzoo.errors import ArtifactNotFoundError, ConfigError, IntegrityError, ModelError
from cxrzoo.models import model_tensors
from cxrzoo.pretrained import catalog as catalog_module
from cxrzoo.pretrained import open_artifact, source
from cxrzoo.pretrained.catalog import catalog

FILES = ("cxrzoo.json", "model.safetensors")


def entry(directory, **changed):
    return {
        "builder": "mobilenet_cxr",
        "repository": None,
        "commit": None,
        "sha256": {
            name: hashlib.sha256((directory / name).read_bytes()).hexdigest() for name in FILES
        },
        "size": sum((directory / name).stat().st_size for name in FILES),
        "data": "random weights",
        "split": "official test",
        "macro_auc": 0.5,
        "macro_auc_interval": [0.4, 0.6],
        "licence": "CC0-1.0",
        **changed,
    }


@pytest.fixture(scope="module")
def published(small, tmp_path_factory):
    model = small("mobilenet_cxr")
    return model, save_pretrained(model, tmp_path_factory.mktemp("published") / "tiny")


@pytest.fixture
def package(published, tmp_path, monkeypatch):
    """A package folder whose catalog has one release, ``tiny``; the code's own files stay as they are."""
    folder = tmp_path / "embedded" / "tiny"
    shutil.copytree(published[1], folder)
    (tmp_path / "catalog.json").write_text(json.dumps({"tiny": entry(folder)}))
    for module in (catalog_module, source):
        monkeypatch.setattr(module, "files", lambda _: tmp_path)
    catalog.cache_clear()
    source._embedded.cache_clear()
    yield tmp_path
    catalog.cache_clear()
    source._embedded.cache_clear()


def flip_a_bit(path, place):
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1
    path.write_bytes(raw)


def test_a_release_is_loaded_by_its_name(package, published, small):
    expected = model_tensors(published[0])
    for model in (from_pretrained("tiny"), small("mobilenet_cxr", weights="tiny")):
        found = model_tensors(model)
        assert all((found[path] == value).all() for path, value in expected.items())
    release = catalog()["tiny"]
    assert release.macro_auc_interval == (0.4, 0.6)
    assert open_artifact("tiny").sha256 == release.sha256


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("place", [0, 100, -1])
def test_one_bit_altered_is_refused(package, name, place):
    flip_a_bit(package / "embedded" / "tiny" / name, place)
    with pytest.raises(IntegrityError, match=f"{name} is not the file that was published"):
        from_pretrained("tiny")


def test_the_hashes_are_checked_at_every_load_and_every_read(package):
    from_pretrained("tiny")
    artifact = open_artifact("tiny")
    flip_a_bit(package / "embedded" / "tiny" / "model.safetensors", -1)
    with pytest.raises(IntegrityError, match="Nothing was loaded"):
        artifact.tensors({})
    with pytest.raises(IntegrityError, match="Nothing was loaded"):
        from_pretrained("tiny")


@pytest.mark.parametrize("name", FILES)
def test_a_release_without_one_of_its_files_is_not_found(package, name):
    (package / "embedded" / "tiny" / name).unlink()
    with pytest.raises(ArtifactNotFoundError, match=name):
        from_pretrained("tiny")


def test_a_release_of_another_builder_is_refused(package, small):
    with pytest.raises(ModelError, match="tiny holds weights of mobilenet_cxr, not of cnn_test1"):
        small("cnn_test1", weights="tiny")


def test_a_folder_of_the_same_name_does_not_stand_in_for_a_release(
    package, published, tmp_path, monkeypatch
):
    (tmp_path / "here" / "tiny").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    assert open_artifact("tiny").directory == package / "embedded" / "tiny"


def test_an_unknown_name_is_refused_with_the_nearest(package):
    with pytest.raises(ArtifactNotFoundError, match=r"no model 'tinny' \(nearest: 'tiny'\)"):
        from_pretrained("tinny")


def test_a_duplicate_release_is_an_error(package):
    text = (package / "catalog.json").read_text()
    (package / "catalog.json").write_text(text[:-1] + ", " + text[1:])
    catalog.cache_clear()
    with pytest.raises(ConfigError, match="'tiny' twice"):
        catalog()


def test_every_release_that_ships_in_the_package_loads():
    for name, release in catalog().items():
        if release.repository is None:
            model = from_pretrained(name)
            assert model.cxrzoo.builder == release.builder
            assert model.cxrzoo.licence == release.licence
            folder = open_artifact(name).directory
            assert sum((folder / file).stat().st_size for file in release.sha256) == release.size
