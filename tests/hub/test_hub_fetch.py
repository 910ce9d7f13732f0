import threading

import pytest
from loopback_client import client_of
from loopback_http import Fault
from loopback_hub import OWNER, LoopbackHub

from cxrzoo.errors import ArtifactNotFoundError, IntegrityError
from cxrzoo.pretrained.hub import fetch
from cxrzoo.pretrained.hub_address import HubAddress, parse_hub_uri
from cxrzoo.pretrained.hub_integrity import read_verified
from cxrzoo.pretrained.hub_publish import publish_directory

FILES = ("cxrzoo.json", "model.safetensors")


@pytest.fixture
def published(client, hub, model, repo_id):
    published = client(publish_directory, model, repo_id, token=OWNER, tag="v1.0")
    hub.seen.clear()
    return published


def pins(published):
    return {file.name: file.sha256 for file in published.files}


def assert_same_bytes(fetched, model, names=FILES):
    assert sorted(fetched.sha256) == sorted(names)
    for name in names:
        assert (fetched.directory / name).read_bytes() == (model / name).read_bytes()
        raw = read_verified(fetched.directory / name, fetched.sha256[name])
        assert raw == (model / name).read_bytes()


@pytest.mark.parametrize("revision", [None, "main", "v1.0", "commit"])
def test_what_was_published_is_fetched_by_branch_tag_and_commit(
    client, published, model, cache, revision
):
    revision = published.commit if revision == "commit" else revision
    address = HubAddress(published.repo_id, revision)
    fetched = client(fetch, address, files=FILES, cache_dir=cache)
    assert fetched.commit == published.commit
    assert_same_bytes(fetched, model)


def test_nothing_but_the_wanted_files_is_downloaded(client, hub, published, cache):
    client(fetch, parse_hub_uri(published.uri), files=FILES, cache_dir=cache)
    wanted = {path.name for path in (cache).rglob("snapshots/*/*")}
    assert wanted == set(FILES)
    assert not [seen for seen in hub.seen if "README" in seen.path or "report" in seen.path]


def test_a_revision_is_resolved_once_and_every_file_comes_from_that_commit(
    client, hub, published, model, cache
):
    """A commit that arrives between two files must not be mixed in."""

    def publish_another():
        hub.faults.clear()
        (model / "model.safetensors").write_bytes(b"newer")
        client(publish_directory, model, published.repo_id, token=OWNER)

    hub.faults.append(Fault(r"/resolve/.*/cxrzoo\.json", "HEAD", times=1, wait=publish_another))
    address = HubAddress(published.repo_id)
    fetched = client(fetch, address, files=FILES, cache_dir=cache)
    assert fetched.commit == published.commit
    assert fetched.sha256["model.safetensors"] == pins(published)["model.safetensors"]
    again = client(fetch, address, files=FILES, cache_dir=cache)
    assert again.commit != published.commit
    assert (again.directory / "model.safetensors").read_bytes() == b"newer"


def test_a_commit_in_the_cache_needs_no_request(client, hub, published, cache):
    arguments = {"files": FILES, "optional": ("golden.safetensors",), "cache_dir": cache}
    first = client(fetch, parse_hub_uri(published.uri), **arguments)
    hub.seen.clear()
    assert client(fetch, parse_hub_uri(published.uri), **arguments) == first
    assert hub.seen == []


def test_a_branch_in_the_cache_needs_one_request(client, hub, published, cache):
    client(fetch, HubAddress(published.repo_id), files=FILES, cache_dir=cache)
    hub.seen.clear()
    client(fetch, HubAddress(published.repo_id), files=FILES, cache_dir=cache)
    assert [seen.path for seen in hub.seen] == [f"/api/models/{published.repo_id}/revision/main"]


@pytest.mark.parametrize("revision", [None, "v1.0", "commit"])
def test_offline_the_cache_serves_without_a_request(
    client, offline_client, hub, published, model, cache, revision
):
    revision = published.commit if revision == "commit" else revision
    address = HubAddress(published.repo_id, revision)
    client(fetch, address, files=FILES, cache_dir=cache)
    hub.seen.clear()
    fetched = offline_client(
        fetch, address, files=FILES, optional=("report.json",), cache_dir=cache,
    )  # fmt: skip
    assert_same_bytes(fetched, model)
    assert hub.seen == []


def test_the_cache_serves_after_the_server_has_stopped(tmp_path, model, cache):
    arguments = {"files": FILES, "cache_dir": cache}
    with LoopbackHub(tmp_path / "hub").running() as hub, client_of(hub.url, tmp_path) as client:
        client(publish_directory, model, "acme/short-lived", token=OWNER)
        online = client(fetch, HubAddress("acme/short-lived"), **arguments)
    with client_of(hub.url, tmp_path, HF_HUB_OFFLINE="1") as client:
        assert client(fetch, HubAddress("acme/short-lived"), **arguments) == online


@pytest.mark.parametrize("revision", [None, "v1.0", "0f" * 20])
def test_offline_and_not_cached_says_so(offline_client, hub, published, cache, revision):
    address = HubAddress(published.repo_id, revision)
    with pytest.raises(ArtifactNotFoundError, match=r"not in the cache.*HF_HUB_OFFLINE.*unset"):
        offline_client(fetch, address, files=FILES, cache_dir=cache)
    assert hub.seen == []


def test_optional_files_are_taken_where_they_are(client, published, model, cache):
    fetched = client(
        fetch,
        parse_hub_uri(published.uri),
        files=FILES,
        optional=("report.json", "golden.safetensors"),
        cache_dir=cache,
    )
    assert_same_bytes(fetched, model, (*FILES, "report.json"))


def test_what_was_not_asked_for_offline_is_not_taken_for_absent(
    client, offline_client, published, cache
):
    arguments = {"files": FILES, "cache_dir": cache}
    client(fetch, HubAddress(published.repo_id), **arguments)
    arguments["optional"] = ("report.json",)
    offline = offline_client(fetch, HubAddress(published.repo_id), **arguments)
    assert sorted(offline.sha256) == sorted(FILES)
    online = client(fetch, HubAddress(published.repo_id), **arguments)
    assert sorted(online.sha256) == sorted([*FILES, "report.json"])


def test_pinned_hashes_admit_what_they_are_of(client, published, model, cache):
    fetched = client(
        fetch,
        HubAddress(published.repo_id),
        files=FILES,
        optional=("report.json",),
        sha256=pins(published),
        cache_dir=cache,
    )
    assert_same_bytes(fetched, model, (*FILES, "report.json"))


def test_a_file_without_a_pin_is_refused_when_others_have_one(client, hub, published, cache):
    some = {"cxrzoo.json": pins(published)["cxrzoo.json"]}
    with pytest.raises(IntegrityError, match=r"none for 'model\.safetensors'"):
        client(fetch, parse_hub_uri(published.uri), files=FILES, sha256=some, cache_dir=cache)
    assert hub.seen == []


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("pinned", [True, False])
@pytest.mark.parametrize("online", [True, False])
def test_a_cache_file_altered_by_one_bit_is_refused(
    client, offline_client, published, cache, name, pinned, online
):
    arguments = {"files": FILES, "cache_dir": cache}
    arguments["sha256"] = pins(published) if pinned else None
    fetched = client(fetch, HubAddress(published.repo_id), **arguments)
    path = fetched.directory / name
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    process = client if online else offline_client
    with pytest.raises(IntegrityError, match=rf"(?s){name}.*expected.*got.*delete .*blobs") as info:
        process(fetch, HubAddress(published.repo_id), **arguments)
    assert fetched.sha256[name] in str(info.value) or not pinned
    with pytest.raises(IntegrityError, match="expected SHA-256"):
        read_verified(path, fetched.sha256[name])
    path.resolve().unlink()
    assert client(fetch, HubAddress(published.repo_id), **arguments) == fetched


def test_two_processes_fill_one_empty_cache_and_both_are_right(
    client, hub, published, model, cache
):
    both = threading.Barrier(2)
    hub.faults.append(Fault(r"/revision/main", times=2, wait=lambda: both.wait(timeout=120)))
    address = HubAddress(published.repo_id)
    futures = [
        client.start(fetch, address, files=FILES, sha256=pins(published), cache_dir=cache)
        for _ in range(2)
    ]
    first, second = [future.result(timeout=300) for future in futures]
    assert first == second
    assert_same_bytes(first, model)
    assert not list(cache.rglob("*.incomplete")) + list(cache.rglob("*.tmp"))
