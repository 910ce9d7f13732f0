"""A Hub that refuses, breaks or lies: always one typed error, and nothing outside the cache."""

import contextlib

import pytest
from loopback_client import client_of
from loopback_http import Fault
from loopback_hub import OWNER, READER, LoopbackHub
from loopback_repository import About

from cxrzoo.errors import ArtifactNotFoundError, HubError, IntegrityError
from cxrzoo.pretrained.hub import fetch
from cxrzoo.pretrained.hub_address import HubAddress
from cxrzoo.pretrained.hub_publish import publish_directory

FILES = ("cxrzoo.json", "model.safetensors")
ONE_OF = "|".join(FILES)


@pytest.fixture
def published(client, hub, model, repo_id):
    published = client(publish_directory, model, repo_id, token=OWNER, tag="v1.0")
    hub.seen.clear()
    return published


@pytest.fixture
def pins(published):
    return {file.name: file.sha256 for file in published.files}


@pytest.fixture(autouse=True)
def nothing_is_written_outside_the_cache(published, tmp_path, cache):
    before = {path for path in tmp_path.rglob("*") if cache not in path.parents}
    yield
    after = {path for path in tmp_path.rglob("*") if cache not in path.parents}
    assert after - before <= {cache}


@pytest.fixture
def get(client, published, cache):
    def get(address=None, **arguments):
        address = address or HubAddress(published.repo_id)
        return client(fetch, address, files=FILES, cache_dir=cache, **arguments)

    return get


def snapshots(cache):
    return {path.name for path in cache.glob("*/snapshots/*/*")}


# Refusals.


def test_an_unknown_repository_is_not_found(get):
    with pytest.raises(
        ArtifactNotFoundError, match=r"shows no model 'acme/nothing'.*check the name"
    ):
        get(HubAddress("acme/nothing"))


def test_an_unknown_revision_is_not_found(get, published):
    with pytest.raises(ArtifactNotFoundError, match=r"has no revision 'v9'.*branches, tags"):
        get(HubAddress(published.repo_id, "v9"))
    with pytest.raises(ArtifactNotFoundError, match=f"has no revision '{'0f' * 20}'"):
        get(HubAddress(published.repo_id, "0f" * 20))


def test_a_repository_without_the_files_is_not_a_model(client, published, cache):
    with pytest.raises(ArtifactNotFoundError, match=r"has no golden\.safetensors.*not a published"):
        client(fetch, HubAddress(published.repo_id), files=["golden.safetensors"], cache_dir=cache)


@pytest.mark.parametrize("token", [None, READER])
def test_a_private_repository_looks_as_if_it_were_not_there(get, hub, published, token):
    hub.repository(published.repo_id).about = About(private=True)
    with pytest.raises(ArtifactNotFoundError, match="if it is private, pass token="):
        get(token=token)
    assert get(token=OWNER).commit == published.commit


@pytest.mark.parametrize("token", [None, READER])
def test_a_gated_repository_says_where_to_ask(get, hub, published, token):
    hub.repository(published.repo_id).about = About(gated=True)
    where = f"{hub.url}/{published.repo_id}"
    with pytest.raises(HubError, match=f"is gated: ask for access at {where}"):
        get(token=token)
    hub.repository(published.repo_id).about = About(gated=True, granted=["reader"])
    assert get(token=READER).commit == published.commit


def test_a_wrong_token_is_named_as_the_cause(get):
    with pytest.raises(HubError, match=r"did not accept the token.*HF_TOKEN"):
        get(token="hf_wrong")  # noqa: S106 - a token of this test's own Hub


@pytest.mark.parametrize(
    ("status", "says"), [(403, "forbids it"), (429, "slow down"), (418, "418")]
)
def test_other_refusals_are_told(get, hub, status, says):
    hub.faults.append(Fault("/revision/", status=status))
    with pytest.raises(HubError, match=says):
        get()


# A Hub in trouble.


@pytest.mark.parametrize("route", ["/revision/", "/resolve/", "^/acme/[^/]+/[0-9a-f]{64}$"])
def test_two_answers_of_500_are_ridden_out(get, hub, published, pins, route):
    hub.faults.append(Fault(route, "GET" if "resolve" not in route else "HEAD", 2, status=500))
    assert get(sha256=pins).commit == published.commit
    assert hub.faults[0].times == 0


@pytest.mark.parametrize("route", ["/revision/", "/resolve/", "^/acme/[^/]+/[0-9a-f]{64}$"])
def test_a_hub_that_answers_500_for_long_is_an_error(get, hub, cache, route):
    hub.faults.append(Fault(route, status=500))
    with pytest.raises(HubError, match=r"answered 500 .*its fault; try again later"):
        get()
    assert "model.safetensors" not in snapshots(cache)


@pytest.mark.parametrize("route", ["/revision/", "/resolve/"])
def test_a_hub_that_stalls_is_an_error_in_time(client, published, cache, hub, route):
    hub.faults.append(Fault(route, stall=30))
    with pytest.raises(HubError, match=r"did not answer in time.*HF_HUB_ETAG_TIMEOUT"):
        client(impatiently, HubAddress(published.repo_id), files=FILES, cache_dir=cache)


def impatiently(*given, **named):
    """Fetch, and wait for an answer for a moment only."""
    from huggingface_hub import constants  # noqa: PLC0415 - the client's, not this process's

    before = constants.HF_HUB_ETAG_TIMEOUT, constants.HF_HUB_DOWNLOAD_TIMEOUT
    constants.HF_HUB_ETAG_TIMEOUT = constants.HF_HUB_DOWNLOAD_TIMEOUT = 0.5
    try:
        return fetch(*given, **named)
    finally:
        constants.HF_HUB_ETAG_TIMEOUT, constants.HF_HUB_DOWNLOAD_TIMEOUT = before


def test_a_body_that_stalls_once_is_whole_in_the_end(client, get, hub, published, pins, cache):
    hub.faults.append(Fault("/[0-9a-f]{64}$", "GET", times=1, stall=1))
    address = HubAddress(published.repo_id)
    with contextlib.suppress(HubError):  # older clients do not ask again on their own
        client(impatiently, address, files=FILES, cache_dir=cache, sha256=pins)
    assert get(sha256=pins).commit == published.commit


def test_a_hub_that_is_not_there_is_an_error(tmp_path, published, cache):
    with LoopbackHub(tmp_path / "model").running() as gone:
        pass
    with (
        client_of(gone.url, cache) as client,
        pytest.raises(HubError, match=r"cannot be reached.*HF_ENDPOINT.*HF_HUB_OFFLINE=1"),
    ):
        client(fetch, HubAddress(published.repo_id), files=FILES, cache_dir=cache)


def test_a_password_in_the_address_of_the_hub_is_in_no_message(tmp_path, published, cache):
    with LoopbackHub(tmp_path / "model").running() as gone:
        pass
    url = gone.url.replace("://", "://user:SECRET@")
    with client_of(url, cache) as client, pytest.raises(HubError) as caught:
        client(fetch, HubAddress(published.repo_id), files=FILES, cache_dir=cache)
    assert "SECRET" not in str(caught.value)
    assert gone.url.rpartition("//")[2] in str(caught.value)


def test_a_download_that_was_cut_is_whole_in_the_end(client, get, hub, model, published):
    chunk = 10 * 1024 * 1024  # the client writes in chunks of this many bytes
    (model / "model.safetensors").write_bytes(b"0123456789abcdef" * (chunk // 16 + 1000))
    long = client(publish_directory, model, published.repo_id, token=OWNER)
    pins = {file.name: file.sha256 for file in long.files}
    hub.faults.append(Fault("/[0-9a-f]{64}$", "GET", times=1, cut_to=chunk + 7))
    with contextlib.suppress(HubError):  # older clients start again, and only when asked to
        get(sha256=pins)
    assert get(sha256=pins).commit == long.commit
    ranges = [seen.bytes_range for seen in hub.seen if seen.storage and seen.method == "GET"]
    assert ranges in ([None, f"bytes={chunk}-"], [None, None])


def test_a_body_that_is_always_cut_short_is_an_error(get, hub, cache):
    # No length is promised, so that the end of the connection looks like the end of the file.
    hub.faults.append(Fault(ONE_OF, "GET", cut_to=3, headers={"Content-Length": None}))
    with pytest.raises(HubError, match="should be of size"):
        get()
    assert snapshots(cache) == set()
    hub.faults.clear()
    assert sorted(get().sha256) == sorted(FILES)


def test_a_server_that_is_no_hub_is_recognised(get, hub, cache):
    hub.faults.append(Fault("/revision/", body=b"<html>It works!</html>"))
    with pytest.raises(HubError, match="resolving the revision"):
        get()
    hub.faults[:] = [Fault("/revision/", body=b'{"id": "acme/x", "sha": "../../../etc"}')]
    with pytest.raises(HubError, match="names no commit"):
        get()
    hub.faults[:] = [Fault("/resolve/", headers={"X-Repo-Commit": None})]
    with pytest.raises(HubError, match="does not answer as a Hub does"):
        get()
    assert not cache.exists()


# A Hub that lies.


def altered(model, name):
    raw = bytearray((model / name).read_bytes())
    raw[-1] ^= 1
    return bytes(raw)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("pinned", [True, False])
def test_content_that_its_etag_does_not_name_is_refused(
    get, hub, published, pins, model, name, pinned
):
    hub.repository(published.repo_id).alter(name, altered(model, name))
    with pytest.raises(IntegrityError, match=rf"{name} is not the file that was published"):
        get(sha256=pins if pinned else None)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("revision", [None, "v1.0", "commit"])
def test_a_file_swapped_under_an_unchanged_name_is_refused_by_its_pin(
    get, hub, published, pins, model, name, revision
):
    revision = published.commit if revision == "commit" else revision
    hub.repository(published.repo_id).swap(name, altered(model, name))
    with pytest.raises(IntegrityError, match=f"expected SHA-256 {pins[name]}, got "):
        get(HubAddress(published.repo_id, revision), sha256=pins)


@pytest.mark.parametrize(
    "etag", ['"../../../../../stolen"', '"/tmp/stolen"', '"../refs/main"', '"x"', "", None]
)
@pytest.mark.parametrize("header", ["ETag", "X-Linked-Etag"])
def test_an_etag_that_is_no_hash_is_refused_before_anything_is_written(
    get, hub, cache, header, etag
):
    hub.faults.append(Fault("/resolve/", "HEAD|GET", headers={header: etag}))
    if header == "X-Linked-Etag":
        hub.faults.insert(0, Fault(r"cxrzoo\.json", "HEAD|GET"))
    with pytest.raises(HubError, match="does not answer as a Hub does"):
        get()
    assert "model.safetensors" not in snapshots(cache)
    assert not list(cache.rglob("*stolen*"))


@pytest.mark.parametrize("commit", ["0f" * 20, "../../../../stolen", "main", ""])
def test_a_file_of_another_commit_is_refused(get, hub, cache, commit):
    hub.faults.append(Fault("/resolve/", headers={"X-Repo-Commit": commit}))
    with pytest.raises(HubError, match="does not answer as a Hub does"):
        get()
    assert not cache.exists()


def test_a_file_of_another_commit_is_refused_when_the_lie_comes_late(get, hub, published):
    hub.faults += [
        Fault("/resolve/", "HEAD", times=1),
        Fault("/resolve/", headers={"X-Repo-Commit": "0f" * 20}),
    ]
    with pytest.raises(HubError, match="another commit's"):
        get()


def test_a_file_larger_than_any_model_is_not_downloaded(get, hub, cache):
    hub.faults.append(Fault("/resolve/", headers={"X-Linked-Size": str(1 << 40)}))
    with pytest.raises(HubError, match=r"1099511627776 bytes.*was not downloaded"):
        get()
    assert "model.safetensors" not in snapshots(cache)


def test_a_redirect_elsewhere_gets_no_token_and_its_content_no_trust(
    get, hub, published, pins, model, tmp_path, cache
):
    with LoopbackHub(cache / "elsewhere").running() as elsewhere:
        elsewhere.faults.append(Fault("", body=altered(model, "model.safetensors")))
        elsewhere.repository("acme/other").create()
        other = elsewhere.repository("acme/other").keep("x", b"x", lfs=True).oid
        target = f"{elsewhere.storage_url}/acme/other/{other}"
        hub.faults.append(Fault(r"model\.safetensors", headers={"Location": target}))
        with pytest.raises(IntegrityError, match=f"expected SHA-256 {pins['model.safetensors']}"):
            get(sha256=pins, token=OWNER)
        assert [seen.token for seen in elsewhere.seen] == [None]
    assert OWNER in {seen.token for seen in hub.seen}


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "//", "http://[", "/"]
)
def test_a_redirect_to_what_is_no_web_address_is_an_error(get, hub, cache, target):
    hub.faults.append(Fault(r"model\.safetensors", headers={"Location": target}))
    with pytest.raises((HubError, ArtifactNotFoundError)):
        get()
    assert "model.safetensors" not in snapshots(cache)


def test_redirects_in_a_circle_end(get, hub, published):
    circle = f"{hub.url}/{published.repo_id}/resolve/{published.commit}/model.safetensors"
    hub.faults.append(Fault(r"model\.safetensors", headers={"Location": circle}))
    with pytest.raises(HubError):
        get()
