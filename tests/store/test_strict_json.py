import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrzoo.errors import ArtifactNotFoundError, ConfigError
from cxrzoo.pretrained.strict_json import dump, load_object, read_object

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
        read_object(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert len(message) < 700


def test_a_file_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(ArtifactNotFoundError, match=r"cxrzoo\.json"):
        read_object(tmp_path / "cxrzoo.json")


@given(st.binary(max_size=60))
def test_any_bytes_are_an_object_or_a_config_error(raw):
    try:
        found = load_object(raw, source="here")
    except ConfigError:
        return
    assert load_object(dump(found).encode(), source="here") == found
