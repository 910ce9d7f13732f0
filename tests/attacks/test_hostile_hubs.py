"""A Hub that lies, breaks or was broken into: the whole way from ``from_pretrained``."""

import shutil

import pytest
from loopback_client import client_of
from loopback_http import Fault
from loopback_hub import OWNER, LoopbackHub

from cxrzoo import from_pretrained, push_to_hub
from cxrzoo.errors import (
    ArtifactNotFoundError,
    ConfigError,
    HubError,
    IntegrityError,
    NewerFormatError,
    TensorError,
)
from cxrzoo.pretrained import open_artifact

REPOSITORY = "acme/honest"
FILES = ("cxrzoo.json", "model.safetensors", "golden.safetensors")


@pytest.fixture(scope="module")
def hub(honest, tmp_path_factory):
    with LoopbackHub(tmp_path_factory.mktemp("hub")).running() as hub:
        yield hub


@pytest.fixture(scope="module")
def client(hub, tmp_path_factory):
    with client_of(hub.url, tmp_path_factory.mktemp("home"), HF_TOKEN=OWNER) as client:
        yield client


@pytest.fixture(scope="module")
def published(client, honest):
    return client(push_to_hub, honest, REPOSITORY, licence="CC0-1.0")


@pytest.fixture(autouse=True)
def no_faults_stay(hub):
    yield
    hub.faults.clear()


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def get(client, published, cache):
    return lambda uri=f"hf://{REPOSITORY}", token=None: client(load, uri, cache, token)


def load(uri, cache, token=None):
    from huggingface_hub import constants  # noqa: PLC0415 - the client's, not this process's

    constants.HF_HUB_CACHE = str(cache)
    return from_pretrained(uri, token=token, verify=True).cxrzoo.builder


@pytest.fixture(autouse=True)
def nothing_is_written_outside_the_cache(tmp_path, cache):
    yield
    assert set(tmp_path.iterdir()) <= {cache}


@pytest.fixture
def swapped(hub, published):
    """Puts other files into the published commit, each with the ETag that is true of it."""
    repository = hub.repository(REPOSITORY)
    entries = repository.entries(published.commit)
    before = {name: repository.blob(entries[name].oid).read_bytes() for name in FILES}
    yield repository.swap
    for name, raw in before.items():
        repository.swap(name, raw)


def test_the_honest_repository_loads(get, published):
    assert get() == get(published.uri) == "cnn_test1"


@pytest.mark.parametrize(
    ("name", "raw", "error"),
    [
        ("cxrzoo.json", b"[]", ConfigError),
        ("cxrzoo.json", b'{"format": 2}', NewerFormatError),
        ("cxrzoo.json", b"version https://git-lfs.github.com/spec/v1\n", ConfigError),
        ("cxrzoo.json", b" " * 5_000_000, IntegrityError),
        ("model.safetensors", b"\x80\x04\x95" + bytes(2000), TensorError),
        ("model.safetensors", bytes(30_000_000), IntegrityError),
        ("golden.safetensors", b"", TensorError),
        ("golden.safetensors", bytes(30_000_000), IntegrityError),
    ],
)
def test_files_that_break_the_format_are_refused(get, swapped, name, raw, error):
    swapped(name, raw)
    with pytest.raises(error):
        get()


@pytest.mark.parametrize("name", FILES)
def test_a_cache_file_altered_by_one_bit_is_refused(get, cache, name):
    get()
    (path,) = cache.glob(f"models--acme--honest/snapshots/*/{name}")
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.resolve().write_bytes(bytes(raw))
    with pytest.raises(IntegrityError, match=rf"{name} is not the file that was published"):
        get()


def test_a_cache_file_cut_short_is_refused(get, cache):
    get()
    (path,) = cache.glob("models--acme--honest/snapshots/*/model.safetensors")
    path.resolve().write_bytes(path.read_bytes()[:-100])
    with pytest.raises(IntegrityError):
        get()


def test_a_cache_file_that_links_elsewhere_is_refused(get, cache):
    get()
    (path,) = cache.glob("models--acme--honest/snapshots/*/cxrzoo.json")
    path.unlink()
    path.symlink_to("/etc/hosts")
    with pytest.raises((ConfigError, IntegrityError)):
        get()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(r"resolve/.*/cxrzoo\.json", status=500), HubError),
        (Fault("/revision/", stall=30), HubError),
        (Fault(r"resolve/.*/cxrzoo\.json", headers={"ETag": '"../../../../stolen"'}), HubError),
        (Fault(r"resolve/.*/cxrzoo\.json", headers={"ETag": f'"{"0" * 40}"'}), IntegrityError),
        (Fault("/[0-9a-f]{64}$", "GET", body=b"\0" * 64), HubError),
        (Fault("/resolve/", headers={"X-Repo-Commit": "0f" * 20}), HubError),
        (Fault("/resolve/", headers={"X-Linked-Size": str(1 << 40)}), HubError),
        (Fault("/revision/", body=b'{"id": "acme/honest", "sha": "../../x"}'), HubError),
        (Fault("/revision/", body=b"\x80\x04\x95pickle"), HubError),
        (Fault(r"model\.safetensors", headers={"Location": "file:///etc/passwd"}), HubError),
    ],
    ids=lambda value: f"{value.path} {value.headers}" if isinstance(value, Fault) else None,
)
def test_a_hub_that_lies_is_refused(get, hub, cache, fault, error):
    hub.faults.append(fault)
    with pytest.raises(error):
        get()
    assert not list(cache.rglob("*stolen*"))


def test_two_answers_of_500_are_ridden_out(get, hub):
    hub.faults.append(Fault("/revision/", times=2, status=500))
    assert get() == "cnn_test1"


def test_a_body_cut_short_is_never_loaded(get, hub, cache):
    hub.faults.append(Fault(r"cxrzoo\.json", "GET", cut_to=20, headers={"Content-Length": None}))
    with pytest.raises(HubError):
        get()
    hub.faults.clear()
    assert get() == "cnn_test1"


def test_what_is_no_model_of_the_zoo_says_so(client, hub, published, cache):
    hub.repository("acme/other").create()
    with pytest.raises(ArtifactNotFoundError, match="not a published cxrzoo model"):
        client(load, "hf://acme/other", cache)


@pytest.mark.parametrize(
    "uri",
    [
        "hf://../../etc/passwd",
        "hf://acme/../../etc",
        "hf://acme/honest@../../../x",
        "hf://acme/honest@/etc/passwd",
        "hf://acme",
        "hf://",
        "hf://acme/honest/model.safetensors",
        "hf://acme/honest@main@main",
        "hf://acme/ho nest",
        "hf://acme/honest@a\nb",
        "hf://user:token@evil.example/x/y",
    ],
)
def test_addresses_that_climb_or_are_none_are_refused_without_a_request(uri, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ArtifactNotFoundError):
        open_artifact(uri)


def test_a_whole_cache_moved_elsewhere_still_loads(get, client, published, cache, tmp_path):
    get(published.uri)
    shutil.copytree(cache, cache / "copy", symlinks=True)
    assert client(load, published.uri, cache / "copy") == "cnn_test1"
