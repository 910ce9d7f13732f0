import importlib
import importlib.util
import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import cxrzoo
from cxrzoo import errors

HEAVY = "{'keras', 'tensorflow', 'jax', 'torch', 'sklearn', 'PIL', 'matplotlib', 'huggingface_hub'}"


def test_importing_the_package_imports_nothing_heavy(run_python):
    run_python(f"import sys, cxrzoo; assert not {HEAVY} & set(sys.modules)")


def test_importing_the_data_and_evaluation_floors_imports_nothing_heavy(run_python):
    run_python(
        "import sys, cxrzoo.data, cxrzoo.evaluation, cxrzoo.pretrained\n"
        "assert not {'keras', 'tensorflow', 'sklearn', 'PIL', 'matplotlib'} & set(sys.modules)"
    )


@pytest.mark.parametrize("name", cxrzoo.__all__)
def test_every_public_name_is_there(name):
    assert getattr(cxrzoo, name) is getattr(cxrzoo, name)
    assert name in dir(cxrzoo)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'cxrzoo' has no attribute 'densenet'"):
        cxrzoo.densenet  # noqa: B018 - looking is the test


ROOMS = sorted(
    path.parent.relative_to(Path(cxrzoo.__file__).parent.parent).as_posix().replace("/", ".")
    for path in Path(cxrzoo.__file__).parent.rglob("__init__.py")
)


def test_every_package_is_an_attribute_after_importing_the_whole(run_python):
    light = [room for room in ROOMS if "cli" not in room.split(".")]
    assert len(light) > 15
    run_python(
        f"import sys, cxrzoo\nassert not {HEAVY} & set(sys.modules)\n"
        "assert {'training', 'data', 'errors', 'models'} <= set(dir(cxrzoo))\n"
        f"assert not {HEAVY} & set(sys.modules)  # dir() imports nothing\n"
        + "".join(f"{room}\n" for room in sorted(light, key=lambda room: -room.count(".")))
        + "cxrzoo.errors.DataError; cxrzoo.evaluation.statistics.auc.roc_auc; cxrzoo.labels\n"
    )


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_is_an_attribute_of_its_package(room, monkeypatch):
    package = importlib.import_module(room)
    for one in pkgutil.iter_modules(package.__path__):
        backend = one.name.rpartition("_")[2]
        absent = backend in {"jax", "torch"} and importlib.util.find_spec(backend) is None
        if absent or one.name.startswith("_") or room == "cxrzoo.cli":
            continue
        if "__getattr__" in vars(package) and one.name not in package.__all__:
            monkeypatch.delitem(vars(package), one.name, raising=False)
        assert getattr(package, one.name) is not None
        if one.ispkg:
            assert one.name in dir(package)


def test_what_is_broken_below_a_package_is_no_attribute_error(tmp_path):
    files = {
        "__init__": "from cxrzoo.lazy import lazy_names\n"
        "__getattr__, __dir__, __all__ = lazy_names(__name__, {'well': ('thing',)})\n",
        "well": "thing = 1",
        "broken": "import absent_altogether",
        "wrong": "1 / 0",
        "_private": "",
        "below/__init__": "",
    }
    for name, text in files.items():
        path = tmp_path / "shop" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (tmp_path / "shop/folder").mkdir()  # holds data, and is no package
    script = (
        "import shop\n"
        "assert {'thing', 'well', 'below'} <= set(dir(shop)) and 'broken' not in dir(shop)\n"
        "assert shop.thing == shop.well.thing and shop.below\n"
        "for name, kind in (('broken', ModuleNotFoundError), ('wrong', ZeroDivisionError),\n"
        "                   ('folder', AttributeError), ('_private', AttributeError),\n"
        "                   ('', AttributeError), ('well.thing', AttributeError)):\n"
        "    try:\n        getattr(shop, name)\n"
        "    except kind:\n        continue\n"
        "    raise SystemExit(name)\n"
        "assert not hasattr(shop, 'nothing')\n"
    )
    root = str(Path(cxrzoo.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_type_checkers_know_the_modules_of_a_package_that_is_lazy():
    for room in ROOMS:
        package = importlib.import_module(room)
        if "__getattr__" not in vars(package):
            continue
        stub = Path(package.__file__ or "").with_suffix(".pyi").read_text()
        for one in pkgutil.iter_modules(package.__path__):
            assert f" {one.name} as {one.name}\n" in stub or one.name.startswith("_")


def test_every_module_is_imported_and_has_what_it_exports():
    for info in pkgutil.walk_packages(cxrzoo.__path__, "cxrzoo."):
        backend = info.name.rpartition("_")[2]  # of feeds_torch, distribute_jax and their like
        of_one = backend in {"tensorflow", "jax", "torch"}
        if info.name.endswith("__main__") or (of_one and importlib.util.find_spec(backend) is None):
            continue
        module = importlib.import_module(info.name)
        absent = [name for name in getattr(module, "__all__", ()) if not hasattr(module, name)]
        assert not absent, f"{info.name} exports {absent}"


def test_errors_are_also_the_builtin_ones_a_caller_expects():
    for name in errors.__all__:
        kind = getattr(errors, name)
        root = errors.CxrZooWarning if name.endswith("Warning") else errors.CxrZooError
        assert issubclass(kind, root)
    assert issubclass(errors.ArtifactNotFoundError, FileNotFoundError)
    assert issubclass(errors.WeightsUnavailableError, OSError)
    assert issubclass(errors.UnknownModelError, KeyError)
    assert issubclass(errors.TensorError, ValueError)
    assert str(errors.UnknownModelError("a sentence")) == "a sentence"


@pytest.mark.skipif(
    os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow",
    reason="TensorFlow is the backend here",
)
def test_another_backend_imports_no_tensorflow(run_python):
    printed = run_python(
        "import sys, numpy, cxrzoo\n"
        "model = cxrzoo.mobilenet_cxr()\n"
        "scores = model.predict(numpy.zeros((1, 224, 224, 1), 'uint8'), verbose=0)\n"
        "assert 'tensorflow' not in sys.modules\n"
        "print(scores.shape)"
    )
    assert printed.split("\n")[-2] == "(1, 15)"


def test_measuring_a_predictions_file_needs_no_keras(run_python, tmp_path):
    (tmp_path / "truth.csv").write_text(
        "image,patient,Mass\n" + "".join(f"{i}.png,{i},{i % 2}\n" for i in range(8))
    )
    (tmp_path / "scores.csv").write_text(
        "image,prob_Mass\n" + "".join(f"{i}.png,{i / 8}\n" for i in range(8))
    )
    printed = run_python(
        "import sys\n"
        "from cxrzoo.cli import main\n"
        "try:\n"
        f"    main(['evaluate', '--predictions', {str(tmp_path / 'scores.csv')!r}, '--truth',\n"
        f"          {str(tmp_path / 'truth.csv')!r}, '--bootstrap', '0', '--json'])\n"
        "except SystemExit as end:\n"
        "    assert end.code == 0, end.code\n"
        "assert 'keras' not in sys.modules"
    )
    assert json.loads(printed)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["predict", "--help"]])
def test_help_needs_no_keras(run_python, arguments):
    printed = run_python(
        "import sys\n"
        "from cxrzoo.cli import main\n"
        "try:\n"
        f"    main({arguments})\n"
        "except SystemExit as end:\n"
        "    assert not end.code\n"
        "assert not {'keras', 'tensorflow', 'sklearn'} & set(sys.modules)"
    )
    assert "cxrzoo" in printed
