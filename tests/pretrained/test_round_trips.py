"""Description, report, pack index and reproduction: written and read again, or one error."""

import contextlib
import copy
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_model_config import CONFIG, configs

from cxrzoo.data.packs.index import PackIndex, read_index
from cxrzoo.errors import ConfigError, DataError, EvaluationError, TrainingError
from cxrzoo.evaluation import (
    Average,
    Consistency,
    LabelRow,
    OperatingPoint,
    Report,
    Subgroup,
    Thresholds,
)
from cxrzoo.evaluation.statistics.intervals import Interval
from cxrzoo.pretrained import config_from_json, config_to_json
from cxrzoo.strict_json import dump, parse_object, to_plain
from cxrzoo.training.paper.table import Part, Reproduction, reproduction_from_json

SCALARS = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    int: st.integers(-(2**64), 2**64),
    float: st.floats(allow_infinity=False),
    bool: st.booleans(),
}


SHARES = st.floats(0, 1) | st.just(float("nan"))
COUNTS = st.integers(0, 2**64)


@st.composite
def figures(draw, kind, falling=(), counts=(), shares=()):
    """An object whose figures can be: counts of which one is part of the one before, and shares."""
    types = get_type_hints(kind)
    shown = [item.name for item in fields(kind) if item.compare]
    values = {name: draw(SHARES if name in shares else objects(types[name])) for name in shown}
    values |= {name: draw(COUNTS) for name in counts}
    values |= zip(
        falling, sorted(draw(st.tuples(*[COUNTS] * len(falling))), reverse=True), strict=True
    )
    if kind is Report:
        values["n"] = max(values["n"], *(row.n for row in values["rows"]), 0)
    return kind(**values)


AREAS = ("roc_auc", "average_precision")
POSSIBLE = {
    Interval: st.tuples(SCALARS[float], SCALARS[float]).map(lambda two: Interval(*sorted(two))),
    LabelRow: figures(
        LabelRow, ("n", "positives", "positive_units"), ["one_class_replicates"],
        (*AREAS, "prevalence", "accuracy", "all_negative_accuracy", "brier", "ece", "metadata_roc_auc"),
    ),
    Average: figures(Average, (), ["one_class_replicates"], AREAS),
    Subgroup: figures(Subgroup, ("n", "positives"), (), ["roc_auc"]),
    OperatingPoint: figures(
        OperatingPoint, (), (), ("sensitivity", "specificity", "ppv", "npv")
    ),
    Consistency: st.builds(
        lambda a, b, more, where: Consistency(a + b + more, a, b, where), COUNTS, COUNTS, COUNTS,
        SCALARS[str],
    ),
    Thresholds: st.lists(st.tuples(SCALARS[str], SCALARS[float]), max_size=2).flatmap(
        lambda pairs: st.builds(
            Thresholds,
            *(st.just(tuple(pair[i] for pair in pairs)) for i in (0, 1)),
            *(objects(kind) for kind in list(get_type_hints(Thresholds).values())[2:]),
        )
    ),
    Report: figures(
        Report, ("n", "units"), ["n_bootstrap"], ("accuracy", "all_negative_accuracy", "confidence")
    ),
}  # fmt: skip


def objects(kind):
    """Any object of a dataclass, or of another type that a field of one may have."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind in POSSIBLE:
        return POSSIBLE[kind]
    if is_dataclass(kind):
        types = get_type_hints(kind)
        shown = [item.name for item in fields(kind) if item.compare]
        return st.builds(kind, **{name: objects(types[name]) for name in shown})
    if origin is UnionType:
        return st.none() | objects(next(one for one in inner if one is not NoneType))
    if origin is tuple:
        return st.lists(objects(inner[0]), max_size=2).map(tuple)
    if origin is Mapping:
        return st.dictionaries(SCALARS[str], objects(inner[1]), max_size=2)
    return st.sampled_from(inner) if origin is Literal else SCALARS[kind]


@st.composite
def indices(draw):
    size = st.integers(1, 2**20)
    rows, in_a_shard = draw(size), draw(st.integers(2**14, 2**20))
    shards = draw(st.sampled_from([0, -(-rows // in_a_shard)]))
    return PackIndex(
        draw(SCALARS[str]),
        *(rows, draw(size), draw(size)),
        draw(SCALARS[str]),
        *(draw(size), draw(SCALARS[str]), in_a_shard),
        tuple(draw(SCALARS[str]) for _ in range(shards)),
        tuple(draw(st.lists(st.integers(0, 2**20), max_size=3))),
    )


def read_config(text):
    return config_from_json(parse_object(text, source="", error=ConfigError), source="")


@given(configs())
def test_a_description_is_read_as_it_was_written(config):
    assert read_config(dump(config_to_json(config))) == config


@given(objects(Report))
def test_a_report_is_read_as_it_was_written(report):
    assert to_plain(Report.from_json(report.to_json())) == to_plain(report)


@given(indices())
def test_the_index_of_a_pack_is_read_as_it_was_written(tmp_path_factory, index):
    path = tmp_path_factory.getbasetemp() / "index.json"
    path.write_text(index.to_json(), encoding="utf-8")
    assert read_index(path) == index


@given(objects(Reproduction))
def test_a_reproduction_is_read_as_it_was_written(found):
    assert to_plain(reproduction_from_json(found.to_json())) == to_plain(found)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def changed(draw, document):
    """The document with one value changed, one key gone or one key too many, anywhere in it."""
    value = inner = copy.deepcopy(document)
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key: Any = draw(st.sampled_from(keys))
        if isinstance(inner[key], dict | list) and inner[key] and draw(st.booleans()):
            inner = inner[key]
            continue
        how = draw(st.sampled_from(["changed", "gone", "more"]))
        if how == "gone":
            del inner[key]
        elif how == "more" and isinstance(inner, dict):
            inner[draw(st.text(max_size=5))] = draw(json_values)
        else:
            inner[key] = draw(json_values)
        return json.dumps(value)


@settings(max_examples=100)
@given(st.data(), configs(), objects(Report), objects(Reproduction), indices())
def test_a_changed_document_is_an_object_or_the_error_of_its_reader(
    tmp_path_factory, data, config, report, reproduction, index
):
    path = tmp_path_factory.getbasetemp() / "index.json"
    path.write_text(changed(data.draw, json.loads(index.to_json())), encoding="utf-8")
    with contextlib.suppress(DataError):
        assert isinstance(read_index(path), PackIndex)
    with contextlib.suppress(ConfigError):
        text = changed(data.draw, config_to_json(config))
        assert read_config(dump(config_to_json(read_config(text)))) == read_config(text)
    for written, read, error in (
        (report, Report.from_json, EvaluationError),
        (reproduction, reproduction_from_json, TrainingError),
    ):
        with contextlib.suppress(error):
            found = read(changed(data.draw, json.loads(written.to_json())))
            assert to_plain(read(found.to_json())) == to_plain(found)


def read_pack(text, path):
    path.write_text(text, encoding="utf-8")
    return read_index(path)


READERS = {
    "a description": (read_config, ConfigError),
    "a report": (Report.from_json, EvaluationError),
    "a pack's index": (read_pack, DataError),
    "a reproduction": (reproduction_from_json, TrainingError),
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda text: text.replace("{", '{"seed": 1, "seed": 1, ', 1), "'seed' twice"),
        (lambda text: text.replace("{", '{"seed": NaN, ', 1), "finite"),
        (lambda text: text.replace("{", '{"seed": 1e999, ', 1), "finite"),
        (lambda text: text.replace("{", '{"seed": ' + "9" * 400 + ", ", 1), "400 digits"),
        (lambda text: text.replace("{", '{"seed": ' + "[" * 9 + "]" * 9 + ", ", 1), "deep"),
        (lambda text: text + "{}", "not JSON"),
    ],
    ids=["a key twice", "NaN", "infinity", "huge", "deep", "more behind it"],
)
def test_every_reader_refuses_alike(name, spoil, says, tmp_path, written):
    read, error = READERS[name]
    arguments = (tmp_path / "index.json",) if read is read_pack else ()
    read(written[name], *arguments)
    with pytest.raises(error, match=says) as caught:
        read(spoil(written[name]), *arguments)
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize("name", [name for name in READERS if name != "a report"])
def test_a_document_that_is_too_long_is_refused(name, tmp_path, written):
    read, error = READERS[name]
    arguments = (tmp_path / "index.json",) if read is read_pack else ()
    with pytest.raises(error, match="larger than"):
        read(written[name] + " " * (65 << 20), *arguments)


@pytest.fixture(scope="module")
def written():
    interval = Interval(0.25, 0.75)
    average = Average(("Mass",), 0.5, interval, 0.5, interval, 0)
    report = Report(
        *((), average, None, average, 0.5, 0.5, 1, 1),
        *("image", "bootstrap", 0.95, 10, 0),
    )
    reproduction = Reproduction(
        *("nih", "official", 0, {"test": Part(3, None)}, None, None, (0,)),
        *(32, 64, 1, "numpy", {}),
    )
    return {
        "a description": dump(config_to_json(CONFIG)),
        "a report": report.to_json(),
        "a pack's index": PackIndex("x", 3, 8, 8, "pad", 1, "0", 2).to_json(),
        "a reproduction": reproduction.to_json(),
    }
