"""Description, report, pack index and reproduction: written and read again, or one error."""

import contextlib
import copy
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st
from test_model_config import configs

from cxrzoo.data.packs.index import PackIndex, read_index
from cxrzoo.errors import ConfigError, DataError, EvaluationError, TrainingError
from cxrzoo.evaluation import Report
from cxrzoo.pretrained import config_from_json, config_to_json
from cxrzoo.strict_json import dump, parse_object, to_plain
from cxrzoo.training.paper.table import Reproduction, reproduction_from_json

SCALARS = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    int: st.integers(-(2**64), 2**64),
    float: st.floats(allow_infinity=False),
    bool: st.booleans(),
}


def objects(kind):
    """Any object of a dataclass, or of another type that a field of one may have."""
    origin, inner = get_origin(kind), get_args(kind)
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
