"""Which part of a file is the model: a rule, a name, or an error; nothing is merged."""

import pytest
from hostile_weights import HONEST, state, storage, streamed, tensor, value, zipped

from cxrzoo.convert import read_weights
from cxrzoo.errors import TensorError

DICT = b"}" + value("w") + tensor() + b"s"
OTHER = b"}" + value("v") + tensor() + b"s"


@pytest.fixture
def reading(tmp_path):
    def read(pickled, model=None):
        path = tmp_path / "weights.pt"
        path.write_bytes(zipped(pickled))
        return read_weights(path, model=model)

    return read


@pytest.mark.parametrize(
    ("entries", "model"),
    [
        ([("w", tensor())], ""),
        ([("state_dict", DICT), ("epoch", b"K\x03")], "state_dict"),
        ([("model", DICT), ("best_loss", tensor())], "model"),
        ([("state_dict", DICT), ("state_dict_ema", OTHER)], "state_dict"),
        ([("net", DICT), ("optimizer", OTHER)], "net"),
        ([("generator", DICT), ("epoch", b"K\x03")], "generator"),
        ([("run", b"}" + value("inner") + DICT + b"s")], "run/inner"),
        ([("w", tensor()), ("extra", b"N")], ""),
        ([("net", tensor()), ("w", tensor())], ""),
    ],
)
def test_the_rule(reading, entries, model):
    weights = reading(state(*entries))
    assert weights.model == model
    assert "w" in weights.tensors
    assert "v" not in weights.tensors


@pytest.mark.parametrize(
    "entries",
    [
        [("state_dict", DICT), ("model", OTHER)],
        [("generator", DICT), ("discriminator", OTHER)],
    ],
)
def test_two_that_could_be_are_named_and_none_is_taken(reading, entries):
    pickled = state(*entries)
    with pytest.raises(TensorError, match=f"'{entries[0][0]}', '{entries[1][0]}'"):
        reading(pickled)
    assert list(reading(pickled, model=entries[1][0]).tensors) == ["v"]


def test_a_part_that_is_not_there_has_the_nearest_named(reading):
    pickled = state(("state_dict", DICT), ("state_dict_ema", OTHER))
    with pytest.raises(TensorError, match=r"'state_dict_emma' \(nearest: 'state_dict_ema'"):
        reading(pickled, model="state_dict_emma")
    assert reading(pickled, model="state_dict_ema").models == ("state_dict", "state_dict_ema")


def test_a_part_of_what_is_no_pytorch_file_is_refused(written):
    with pytest.raises(TensorError, match="no PyTorch file"):
        read_weights(written / "types.safetensors", model="state_dict")


def test_what_is_no_tensor_in_a_state_dict_is_told(reading):
    assert reading(state(("w", tensor()), ("n", b"K\x03"))).other == ("n: no tensor, left out",)


def test_a_name_that_is_not_there_has_the_nearest_named(written):
    weights = read_weights(written / "state_dict_zip.pt")
    with pytest.raises(TensorError, match=r"'conv.wait' \(nearest: 'conv.weight'"):
        weights["conv.wait"]


def test_what_else_stands_in_a_file_is_short_printable_text(reading):
    long = [(f"key\x1b[{n}m", value("x\x1b[2J" * 1000)) for n in range(200)]
    weights = reading(state(("state_dict", DICT), *long))
    assert len(weights.other) == 51
    assert weights.other[-1] == "and more"
    assert all(line.isprintable() and len(line) <= 200 for line in weights.other)


def test_a_place_that_cannot_be_printed_is_no_place(reading):
    with pytest.raises(TensorError, match="no tensors by name"):
        reading(state(("\x1b[2J", DICT)))


def test_storages_of_python_2_have_keys_of_bytes(tmp_path):
    old = storage().replace(value("storage"), b"U\x07storage").replace(value("0"), b"U\x010")
    pickled = state(("w", tensor(old)))
    for raw in (zipped(pickled), streamed(pickled)):
        (tmp_path / "old.pt").write_bytes(raw)
        assert read_weights(tmp_path / "old.pt")["w"].tolist() == HONEST.tolist()


PARAMETER = b"ctorch.nn.parameter\nParameter\n"
STATE4 = b"(" + storage() + b"K\x00K\x04\x85K\x01\x85t"


@pytest.mark.parametrize(
    "pushed",
    [
        pytest.param(tensor(function="_rebuild_tensor"), id="a tensor of 0.1.10"),
        pytest.param(b"ctorch\nFloatTensor\n)\x81" + STATE4 + b"b", id="a tensor's own state"),
        pytest.param(PARAMETER + tensor() + b"\x85R", id="a parameter called"),
        pytest.param(PARAMETER + tensor() + b"\x88\x86\x81", id="a parameter made"),
        pytest.param(PARAMETER + b")\x81(" + tensor() + b"NNNNtb", id="a parameter's state of five"),
        pytest.param(PARAMETER + b")\x81" + STATE4 + b"b", id="a parameter's state of four"),
        pytest.param(
            b"ctorch._utils\n_rebuild_parameter_with_state\n(" + tensor() + b"\x88}}tR",
            id="a parameter with attributes",
        ),
        pytest.param(
            b"ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_parameter\n"
            b"cmy\nWeight\n(" + tensor() + b"\x88}t}tR",
            id="a subclass",
        ),
        pytest.param(
            tensor(
                storage(b"ctorch.storage\nUntypedStorage\n", numel=16),
                function="_rebuild_tensor_v3",
                more=b"ctorch\nfloat32\n",
            ),
            id="an untyped storage",
        ),
        pytest.param(
            b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage() + b"K\x00ctorch\nSize\nK\x04\x85\x85R"
            b"K\x01\x85\x89NtR",
            id="a shape as torch.Size",
        ),
        pytest.param(tensor(more=value({"neg": False})), id="a view that is not negated"),
    ],
)  # fmt: skip
def test_a_tensor_of_any_age_is_read(reading, pushed):
    assert reading(state(("w", pushed)))["w"].tolist() == HONEST.tolist()
