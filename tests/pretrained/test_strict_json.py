from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrzoo.errors import ArtifactNotFoundError, ConfigError
from cxrzoo.pretrained import open_artifact
from cxrzoo.strict_json import dump, encoded, formerly, from_plain, parse_object, read_bytes

HOSTILE = {
    "empty": b"",
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a pickle": b"\x80\x04\x95\x10\x00\x00\x00",
    "cut short": b'{"a": ',
    "two objects": b"{}{}",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "duplicate keys": b'{"a": 1, "a": 2}',
    "duplicate keys inside": b'{"a": [{"b": 1, "b": 1}]}',
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "infinity in disguise": b'{"a": 1e999}',
    "a lone surrogate": b'{"a": "\\ud800"}',
    "an integer of 10,000 digits": b'{"a": ' + b"9" * 10_000 + b"}",
    "nested nine deep": b'{"a":' * 9 + b"1" + b"}" * 9,
    "nested 100,000 deep": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "5 MiB": b'{"a": "' + b"x" * (5 << 20) + b'"}',
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_json_is_one_line_that_names_its_source(raw, tmp_path):
    path = tmp_path / "cxrzoo.json"
    path.write_bytes(raw)
    with pytest.raises(ConfigError) as caught:
        parse_object(read_bytes(path, error=ConfigError), source=str(path), error=ConfigError)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert len(message) < 700


def test_a_description_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(ArtifactNotFoundError, match=r"cxrzoo\.json"):
        open_artifact(tmp_path)


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_bytes_are_an_object_or_a_config_error(raw):
    try:
        found = parse_object(raw, source="here", error=ConfigError)
    except ConfigError:
        return
    assert parse_object(dump(found), source="here", error=ConfigError) == found


@dataclass(frozen=True)
class Row:
    name: str
    auc: float
    n: int = 0


@dataclass(frozen=True)
class Table:
    rows: tuple[Row, ...]
    by_name: Mapping[str, Row]
    line: tuple[float, float]
    kind: Literal["a", "b"]
    key: bytes = field(metadata=encoded(bytes.hex, bytes.fromhex))
    subgroups: tuple[int, ...] = field(default=(), metadata=formerly("strata"))
    limit: float | None = None
    certain: bool = False
    anything: Any = None
    hidden: object = field(default=None, compare=False)

    def __post_init__(self):
        if len(self.rows) > 3:
            raise ValueError("there are more than three rows")


ROW = {"name": "Mass", "auc": 0.5, "n": 3}
TABLE = {
    "rows": [ROW, {"name": "Edema", "auc": None}],
    "by_name": {"x": ROW},
    "line": [1, 2.5],
    "kind": "a",
    "key": "00ff",
    "subgroups": [1],
    "limit": None,
    "certain": True,
    "anything": {"x": [1]},
}


def read(**change):
    return from_plain(Table, {**TABLE, **change}, source="here", error=ConfigError)


def test_an_object_is_what_the_document_says():
    found = read()
    assert found.rows[0] == found.by_name["x"] == Row("Mass", 0.5, 3)
    assert found.rows[1].n == 0
    assert str(found.rows[1].auc) == "nan"
    assert (found.line, found.key, found.limit) == ((1.0, 2.5), b"\x00\xff", None)
    written = dump(found)
    assert from_plain(
        Table, parse_object(written, source="here", error=ConfigError), source="", error=ConfigError
    ).by_name == {"x": Row("Mass", 0.5, 3)}
    assert "NaN" not in written
    assert "hidden" not in written


def test_an_old_name_is_read_as_the_new_one():
    old = {name: value for name, value in TABLE.items() if name != "subgroups"} | {"strata": [7]}
    found = from_plain(Table, old, source="here", error=ConfigError)
    assert found.subgroups == (7,)
    assert '"strata"' not in dump(found)
    with pytest.raises(ConfigError, match="here has the key 'subgroups' under its old name too"):
        read(strata=[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": [ROW, {**ROW, "auc": "x"}]}, r"rows\[1\].auc cannot be 'x': expected a number"),
        ({"rows": [{**ROW, "n": True}]}, r"rows\[0\].n cannot be True: expected a whole number"),
        ({"rows": [{**ROW, "n": 2.0}]}, r"rows\[0\].n cannot be 2.0"),
        ({"rows": [{**ROW, "n": 10**50}]}, r"rows\[0\].n cannot be 1000"),
        ({"rows": [{**ROW, "auc": 10**500}]}, r"rows\[0\].auc cannot be 1000"),
        ({"rows": [{**ROW, "auc": False}]}, r"rows\[0\].auc cannot be False"),
        ({"rows": [{**ROW, "auc": nan}]}, r"rows\[0\].auc cannot be nan"),
        ({"rows": [{**ROW, "name": None}]}, r"rows\[0\].name cannot be None: expected text"),
        ({"rows": [{"auc": 1}]}, r"here lacks the key 'name' in rows\[0\]"),
        ({"rows": [{**ROW, "r": 1}]}, r"here has an unknown key 'r' in rows\[0\]; known are"),
        ({"rows": [7]}, r"rows\[0\] cannot be 7: expected an object"),
        ({"rows": "abc"}, "rows cannot be 'abc': expected a list"),
        ({"rows": [ROW] * 4}, "here: there are more than three rows"),
        ({"by_name": []}, r"by_name cannot be \[\]: expected an object"),
        ({"by_name": {"x": 1}}, r"by_name\['x'\] cannot be 1"),
        ({"line": [1]}, r"line cannot be \[1\]: expected a list of 2"),
        ({"kind": "c"}, "kind cannot be 'c': expected one of 'a', 'b'"),
        ({"kind": ["a"]}, r"kind cannot be \['a'\]"),
        ({"key": "0"}, "key cannot be '0'"),
        ({"key": "FF"}, "key cannot be 'FF': it would be written otherwise"),
        ({"key": 5}, "key cannot be 5: expected text"),
        ({"limit": "1"}, "limit cannot be '1'"),
        ({"certain": 1}, "certain cannot be 1: expected true or false"),
        ({"hidden": 1}, "unknown key 'hidden'"),
    ],
)
def test_what_does_not_fit_is_named_by_its_path(change, message):
    with pytest.raises(ConfigError, match=message) as caught:
        read(**change)
    assert "\n" not in str(caught.value)


def test_every_key_is_demanded_of_a_complete_document():
    with pytest.raises(ConfigError, match=r"here lacks the key 'n' in rows\[1\]"):
        from_plain(Table, TABLE, source="here", error=ConfigError, complete=True)
