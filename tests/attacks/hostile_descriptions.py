"""Descriptions (``cxrzoo.json``) that are broken, too large, or ask for what they must not."""

import base64
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hostile import CONFIG, Attack, Canary, attack

from cxrzoo.errors import ConfigError, ModelError, NewerFormatError, TensorError, UnknownModelError


def described(directory: Path) -> dict[str, Any]:
    return json.loads((directory / CONFIG).read_text())


def spelled(text: str | bytes) -> Attack:
    raw = text.encode() if isinstance(text, str) else text
    return lambda directory: (directory / CONFIG).write_bytes(raw)


def changed(*keys: str, to: Any) -> Attack:
    def spoil(directory: Path) -> None:
        value = inner = described(directory)
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = to
        (directory / CONFIG).write_text(json.dumps(value))

    return spoil


def edited(edit: Callable[[str], str]) -> Attack:
    return lambda directory: (directory / CONFIG).write_text(edit((directory / CONFIG).read_text()))


def argument(name: str, value: Any) -> Attack:
    return changed("arguments", name, to=value)


def many_keys(n: int) -> str:
    """Different keys but for the last: finding the double one must not take n * n steps."""
    return "{" + ",".join(f'"{i}":1' for i in range(n)) + ',"0":1}'


members = base64.b64encode(bytes(5 * 400_001)).decode()
unsorted = base64.b64encode(b"zzzzzaaaaa").decode()
SALT = "00" * 16

for name, text in {
    "an empty description": "",
    "a description that is no JSON": "{'format': 1}",
    "a description cut short": '{"format": 1, "builder": "cnn_te',
    "a description that is a list": "[]",
    "a description that is a number": "1",
    "null for a description": "null",
    "a description in UTF-16": '{"format": 1}'.encode("utf-16"),
    "a description of random bytes": bytes(range(256)) * 4,
    "a description nested a hundred deep": '{"format":1,"a":' + "[" * 100 + "]" * 100 + "}",
    "a description nested a million deep": "[" * 1_000_000,
    "objects nested a hundred thousand deep": '{"a":' * 100_000,
    "a description of 5 MB": '{"format": 1, "a": "' + "x" * 5_000_000 + '"}',
    "a description of 100 MB": b" " * 100_000_000,
    "three hundred thousand keys, one of them twice": many_keys(300_000),
    "a number of five thousand digits": '{"format": ' + "9" * 5000 + "}",
    "half a surrogate pair": '{"format": 1, "builder": "\\ud800"}',
    "a second document behind the first": '{"format": 1} {"format": 1}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a pickle for a description": pickle.dumps(Canary()),
}.items():
    attack(ConfigError, name, spelled(text))

for name, edit in {
    "a key twice": lambda text: text.replace('"format": 1,', '"format": 1, "format": 1,'),
    "a key twice, further in": lambda text: text.replace('"name":', '"name": "x", "name":'),
    "a dropout that is NaN": lambda text: text.replace('"dropout": 0.2', '"dropout": NaN'),
    "an infinite dropout": lambda text: text.replace('"dropout": 0.2', '"dropout": 1e999'),
    "a negative infinity": lambda text: text.replace('"dropout": 0.2', '"dropout": -Infinity'),
}.items():
    attack(ConfigError, name, edited(edit))

for name, spoil in {
    "an unknown key": changed("custom_objects", to={}),
    "a module to import": changed("module", to="os"),
    "no format": lambda d: spelled(
        json.dumps({k: v for k, v in described(d).items() if k != "format"})
    )(d),
    "a format that is text": changed("format", to="1"),
    "format zero": changed("format", to=0),
    "a format that is true": changed("format", to=True),
    "arguments that are a list": changed("arguments", to=[]),
    "labels that are text": changed("labels", to="Mass"),
    "labels that are an object": changed("labels", to={"Mass": 1}),
    "a label that is a number": changed("labels", to=[1, 2, 3]),
    "a label twice": changed("labels", to=["Mass", "Mass", "Edema"]),
    "a blank label": changed("labels", to=["Mass", " ", "Edema"]),
    "a label with a terminal's escape": changed("labels", to=["Mass", "\x1b[2J", "Edema"]),
    "a label with a line break": changed("labels", to=["Mass", "a\nb", "Edema"]),
    "a label of a megabyte": changed("labels", to=["Mass", "x" * 1_000_000, "Edema"]),
    "a hundred thousand labels": changed("labels", to=[str(i) for i in range(100_000)]),
    "no labels": changed("labels", to=[]),
    "a builder that is a path": changed("builder", to="../../etc/passwd"),
    "a builder that is a module": changed("builder", to="os.system"),
    "a builder that is a list": changed("builder", to=["cnn_test1"]),
    "a builder that is null": changed("builder", to=None),
    "a threshold for no label": changed("thresholds", to={"Flu": 0.5}),
    "a threshold that is text": changed("thresholds", to={"Mass": "0.5"}),
    "a licence that is an object": changed("licence", to={}),
    "an unknown key of the lineage": changed("lineage", "pickle", to="gASV"),
    "a count that is true": changed("lineage", "images", to=True),
    "a count beyond all numbers": changed("lineage", "images", to=10**40),
    "a recipe of a megabyte": changed("lineage", "recipe", to="x" * 1_000_000),
    "ten thousand versions": changed(
        "lineage", "versions", to={str(i): "1" for i in range(10_000)}
    ),
    "patients that are no list": changed("lineage", "trained_on", to={}),
    "patients without a salt": changed("lineage", "trained_on", to=[{"members": "AAAAAAA="}]),
    "patients that are no base64": changed(
        "lineage", "trained_on", to=[{"salt": SALT, "members": "!"}]
    ),
    "patients out of order": changed(
        "lineage", "trained_on", to=[{"salt": SALT, "members": unsorted}]
    ),
    "half a patient": changed("lineage", "trained_on", to=[{"salt": SALT, "members": "AAAA"}]),
    "four hundred thousand and one patients": changed(
        "lineage", "trained_on", to=[{"salt": SALT, "members": members}]
    ),
    "a thousand sets of patients": changed(
        "lineage", "trained_on", to=[{"salt": SALT, "members": "AAAAAAA="}] * 1000
    ),
    "a huge input": argument("input_shape", [10**9, 10**9, 1]),
    "an input of one pixel": argument("input_shape", [1, 1, 1]),
    "an input of seven channels": argument("input_shape", [32, 32, 7]),
    "an input of two sizes": argument("input_shape", [32, 32]),
    "an input that is text": argument("input_shape", "32x32"),
    "a billion filters": argument("filters", [10**9, 10**9]),
    "negative filters": argument("filters", [-3, 4]),
    "a hidden layer of a billion": argument("hidden_units", 10**9),
    "half a unit": argument("hidden_units", 8.5),
    "a dropout of one": argument("dropout", 1.0),
    "an activation by import": argument("classifier_activation", "os>system"),
    "an activation that is an object": argument(
        "classifier_activation", {"class_name": "Lambda", "config": {"function": "gASV"}}
    ),
    "a name that is a path": argument("name", "../../../tmp/x"),
    "a name with a line break": argument("name", "a\nb"),
    "a name of a megabyte": argument("name", "a" * 1_000_000),
}.items():
    attack(ConfigError, name, spoil)

attack(NewerFormatError, "a newer format", changed("format", to=2))
attack(UnknownModelError, "an unknown builder", changed("builder", to="cnn_test3"))
attack(ModelError, "an argument of another builder", argument("alpha", 1.0))
attack(ModelError, "an argument of another builder, and huge", argument("alpha", 1e30))
attack(ModelError, "an argument that nobody has", argument("custom_objects", None))
attack(ConfigError, "an argument that is an object", argument("filters", {"a": 1}))
attack(ConfigError, "an argument nested ten deep", argument("filters", [[[[[[[[[[1]]]]]]]]]]))
attack(ConfigError, "an argument of a thousand numbers", argument("filters", [1] * 1000))
attack(ConfigError, "an argument whose name is a path", argument("../../x", 1))
attack(ConfigError, "weights to start from", argument("weights", "imagenet"))


def _too_many_parameters(directory: Path) -> None:
    for name, value in {
        "input_shape": [2048, 2048, 3],
        "filters": [1024, 1024],
        "hidden_units": 8192,
    }.items():
        argument(name, value)(directory)


def _a_gigabyte_from_a_kilobyte(directory: Path) -> None:
    """Within the bounds, so that it would be built, were it not for the size of the other file."""
    argument("filters", [3, 118])(directory)
    argument("input_shape", [512, 512, 1])(directory)
    argument("hidden_units", 128)(directory)


attack(ModelError, "more parameters than are ever built", _too_many_parameters)
attack(TensorError, "a gigabyte described beside a small file", _a_gigabyte_from_a_kilobyte)
