"""The files that list public names are those that the registry and the packages lead to."""

import importlib
import warnings

import pytest
from generate import generated, public_names

OLD_NAMES = {
    "cxrzoo.inspect": "check_images",
    "cxrzoo.images.Finding": "ImageProblem",
    "cxrzoo.images.inspect": "check_images",
    "cxrzoo.data.Share": "Shard",
    "cxrzoo.inference.Predictions": "Predictions",
    "cxrzoo.inference.carried": "calibration",
    "cxrzoo.evaluation.Stratum": "Subgroup",
    "cxrzoo.models.Entry": "Backbone",
    "cxrzoo.models.is_trunk_file": "is_backbone_file",
    "cxrzoo.models.register_model": "register_backbone",
}


@pytest.mark.parametrize("path", generated(), ids=lambda path: "-".join(path.parts[-2:]))
def test_a_generated_file_is_what_python_tests_generate_writes(path):
    found, on_file = generated()[path].splitlines(), path.read_text("utf-8").splitlines()
    added = [line for line in found if line not in on_file]
    gone = [line for line in on_file if line not in found]
    assert found == on_file, (
        f"added: {added}; gone: {gone}. If that is meant, run 'python tests/generate.py' and write what "
        "users notice into CHANGELOG.md."
    )


def test_every_public_name_is_there():
    names = list(public_names())
    assert len(names) == len(set(names)) > 150


@pytest.mark.parametrize("old", OLD_NAMES)
def test_a_public_name_that_went_answers_with_the_new_one(old):
    package, _, name = old.rpartition(".")
    module = importlib.import_module(package)
    assert name not in module.__all__
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            assert getattr(module, name) is getattr(module, OLD_NAMES[old])
            answer = str(said[0].message)
        except ImportError as error:
            answer = str(error)
    assert OLD_NAMES[old] in answer


def test_an_argument_that_was_renamed_is_taken_and_answers_with_the_new_name(tmp_path):
    import cxrzoo  # noqa: PLC0415
    from cxrzoo.errors import ArtifactNotFoundError  # noqa: PLC0415
    from cxrzoo.training import reproduce_paper  # noqa: PLC0415

    parts = cxrzoo.load_sample().split("patient")
    with (
        pytest.warns(DeprecationWarning, match=r"trunk=\.\.\.\) is now backbone="),
        pytest.raises(ArtifactNotFoundError, match=r"gone\.safetensors"),
    ):
        reproduce_paper(parts, tmp_path / "out", trunk="gone.safetensors", image_size=32)
