"""``cxrzoo list`` and ``cxrzoo info`` answer from ``zoo.json``: at once, without Keras and NumPy."""

import json

import pytest

from cxrzoo.models import entry, list_models
from cxrzoo.zoo import listed_builder, listed_builders

WITHOUT = """
import contextlib, io, json, sys

class Forbidden:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in {forbidden!r}:
            raise ImportError(f"{{name}} was imported")

sys.meta_path.insert(0, Forbidden())
from cxrzoo.cli.program import program
printed = []
for words in {commands!r}:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        program.main(args=words, prog_name="cxrzoo", standalone_mode=False)
    printed.append(out.getvalue())
print(json.dumps(printed))
"""
HEAVY = ("keras", "tensorflow", "jax", "torch", "sklearn", "PIL", "huggingface_hub")


def without(run_python, forbidden, *commands):
    return json.loads(run_python(WITHOUT.format(forbidden=forbidden, commands=commands)))


def test_list_and_info_of_builders_import_neither_keras_nor_numpy(run_python):
    found = without(
        run_python,
        (*HEAVY, "numpy"),
        ["list"],
        ["list", "--json"],
        ["list", "mobilenet*", "--json"],
        ["info", "mobilenet_cxr", "--json"],
        ["info", "mobilenet_cxr"],
    )
    assert all(name in found[0] for name in list_models())
    assert [row["name"] for row in json.loads(found[1])] == list_models()
    assert [row["name"] for row in json.loads(found[2])] == list_models("mobilenet*")
    assert json.loads(found[3])["multiply_adds"] == listed_builder("mobilenet_cxr").multiply_adds
    assert "a number from 0.05 to 4" in found[4]


def test_help_lists_and_what_a_release_or_a_directory_is_need_no_keras(run_python, saved_model):
    found = without(
        run_python,
        HEAVY,
        ["--help"],
        ["train", "--help"],
        ["list", "--pretrained"],
        ["list", "--datasets"],
        ["info", "nih-mini", "--json"],
        ["info", str(saved_model), "--json"],
    )
    assert json.loads(found[4])["builder"] == "mobilenet_cxr"
    assert json.loads(found[5])["builder"] == "cnn_test1"


@pytest.mark.parametrize("name", list_models())
def test_info_has_what_the_registry_has(name, cxrzoo_command):
    described = json.loads(cxrzoo_command("info", name, "--json").out)
    backbone = entry(name)
    assert described["builder"] == name
    assert described["summary"] == backbone.summary
    assert set(described["arguments"]) == set(backbone.defaults)
    assert described["publishers"] == sorted(backbone.publishers)
    assert (described["imagenet"] is None) == (backbone.imagenet is None)
    assert (described["recipe"] is None) == (backbone.fine_tuning is None)
    strides = {
        f"stride {stride}": place for stride, place in backbone.features(backbone.defaults).items()
    }
    assert described["feature_maps"] == strides
    assert set(described["feature_map_sizes"]) == set(strides)


def test_a_wide_window_has_the_sentences_too(cxrzoo_command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    wide = cxrzoo_command("list").out
    monkeypatch.setenv("COLUMNS", "80")
    narrow = cxrzoo_command("list").out
    for name, builder in listed_builders().items():
        (line,) = (line for line in narrow.splitlines() if line.split()[0] == name)
        assert f"{builder.parameters:,}" in line  # on its line, not broken over several
        assert builder.summary in wide
