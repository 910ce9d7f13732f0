import hashlib
import threading

import pytest
from loopback_http import Fault
from loopback_hub import OWNER, READER
from loopback_repository import About

from cxrzoo.errors import ArtifactError, ArtifactNotFoundError, HubError
from cxrzoo.pretrained.hub import fetch
from cxrzoo.pretrained.hub_address import HubAddress, parse_hub_uri
from cxrzoo.pretrained.hub_publish import publish_directory


def contents(hub, repo_id, revision="main"):
    repository = hub.repository(repo_id)
    entries = repository.entries(repository.resolve(revision))
    return {path: repository.blob(entry.oid).read_bytes() for path, entry in entries.items()}


def of(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_a_directory_becomes_one_commit_of_a_new_repository(client, hub, model, repo_id):
    published = client(publish_directory, model, repo_id, token=OWNER)
    repository = hub.repository(repo_id)
    assert repository.history("main")[0] == published.commit
    assert len(repository.history("main")) == 2  # the Hub's own first commit, and ours
    assert contents(hub, repo_id).items() >= of(model).items()
    assert not repository.about.private


def test_the_result_pins_every_file(client, hub, model, repo_id, cache):
    published = client(publish_directory, model, repo_id, token=OWNER)
    assert published.repo_id == repo_id
    assert published.uri == f"hf://{repo_id}@{published.commit}"
    assert {file.name: (file.sha256, file.size) for file in published.files} == {
        name: (hashlib.sha256(raw).hexdigest(), len(raw)) for name, raw in of(model).items()
    }
    pins = {file.name: file.sha256 for file in published.files}
    address = parse_hub_uri(published.uri)
    fetched = client(fetch, address, files=list(pins), sha256=pins, cache_dir=cache)
    assert fetched.sha256 == pins


def test_publishing_the_same_again_makes_no_commit(client, hub, model, repo_id):
    first = client(publish_directory, model, repo_id, token=OWNER)
    assert client(publish_directory, model, repo_id, token=OWNER) == first


def test_a_new_publication_takes_stale_model_files_away_and_leaves_all_others(
    client, hub, model, repo_id
):
    client(publish_directory, model, repo_id, token=OWNER)
    hub.repository(repo_id).add("LICENSE", b"MIT")
    before = hub.repository(repo_id).history("main")
    (model / "report.json").unlink()
    (model / "cxrzoo.json").write_text('{"format": 1, "labels": []}')
    client(publish_directory, model, repo_id, token=OWNER)
    now = contents(hub, repo_id)
    assert sorted(now) == sorted([".gitattributes", "LICENSE", *of(model)])
    assert hub.repository(repo_id).history("main")[1:] == before


def test_a_branch_is_created_and_main_stays(client, hub, model, repo_id):
    first = client(publish_directory, model, repo_id, token=OWNER)
    (model / "cxrzoo.json").write_text('{"format": 2}')
    trial = client(publish_directory, model, repo_id, token=OWNER, revision="trial/next")
    again = client(publish_directory, model, repo_id, token=OWNER, revision="trial/next")
    assert hub.repository(repo_id).refs("heads") == {
        "main": first.commit,
        "trial/next": trial.commit,
    }
    assert again == trial


def test_a_tag_names_the_commit_and_never_moves(client, hub, model, repo_id):
    first = client(publish_directory, model, repo_id, token=OWNER, tag="v1.0")
    assert hub.repository(repo_id).refs("tags") == {"v1.0": first.commit}
    (model / "cxrzoo.json").write_text('{"format": 2}')
    with pytest.raises(HubError, match=r"tag 'v1\.0' already.*Nothing was sent"):
        client(publish_directory, model, repo_id, token=OWNER, tag="v1.0")
    assert hub.repository(repo_id).resolve("main") == first.commit


def test_hidden_files_stay_at_home(client, hub, model, repo_id):
    (model / ".DS_Store").write_bytes(b"a desktop's business")
    published = client(publish_directory, model, repo_id, token=OWNER)
    assert ".DS_Store" not in {file.name for file in published.files}
    assert ".DS_Store" not in contents(hub, repo_id)


def test_of_two_publishers_at_once_one_wins_and_nothing_is_mixed(
    client, hub, model, repo_id, tmp_path
):
    client(publish_directory, model, repo_id, token=OWNER)
    directories = []
    for who in ("first", "second"):
        directory = tmp_path / who
        directory.mkdir()
        for name in of(model):
            (directory / name).write_text(f"---\nlicense: mit\n---\n{who} {name}")
        directories.append(directory)
    both_know_the_parent = threading.Barrier(2)
    wait = lambda: both_know_the_parent.wait(timeout=120)  # noqa: E731
    hub.faults.append(Fault("/preupload/", times=2, wait=wait))
    futures = [client.start(publish_directory, each, repo_id, token=OWNER) for each in directories]
    errors = [future.exception(timeout=300) for future in futures]
    assert [type(error) for error in errors].count(HubError) == 1
    (winner,) = (which for which, error in enumerate(errors) if error is None)
    assert "someone else committed" in str(errors[1 - winner])
    assert "publish again" in str(errors[1 - winner])
    assert contents(hub, repo_id).items() >= of(directories[winner]).items()
    assert len(hub.repository(repo_id).history("main")) == 3


def test_two_publishers_may_create_the_repository_at_once(client, hub, model, repo_id):
    both = threading.Barrier(2)
    hub.faults.append(Fault("/repos/create", times=2, wait=lambda: both.wait(timeout=120)))
    futures = [client.start(publish_directory, model, repo_id, token=OWNER) for _ in range(2)]
    errors = [future.exception(timeout=300) for future in futures]
    assert None in errors
    assert {type(error) for error in errors} <= {type(None), HubError}
    assert contents(hub, repo_id).items() >= of(model).items()


def test_private_repositories_are_created_private(client, hub, model, repo_id):
    client(publish_directory, model, repo_id, token=OWNER, private=True)
    assert hub.repository(repo_id).about.private


def test_nothing_private_is_sent_to_a_public_repository(client, hub, model, repo_id):
    client(publish_directory, model, repo_id, token=OWNER)
    head = hub.repository(repo_id).resolve("main")
    (model / "cxrzoo.json").write_text('{"secret": true}')
    with pytest.raises(HubError, match="is public, private=True was asked: nothing was sent"):
        client(publish_directory, model, repo_id, token=OWNER, private=True)
    assert hub.repository(repo_id).resolve("main") == head


@pytest.mark.parametrize(
    ("token", "message"),
    [
        (None, "did not accept the token.*hf auth login"),
        ("hf_wrong", "did not accept the token.*hf auth login"),
        (READER, "forbids it.*the token needs that right"),
    ],
)
def test_publishing_needs_the_right_to(client, hub, model, repo_id, token, message):
    with pytest.raises(HubError, match=message):
        client(publish_directory, model, repo_id, token=token)
    assert not hub.repository(repo_id).exists


def test_files_that_the_hub_drops_are_noticed(client, hub, model, repo_id):
    client(publish_directory, model, repo_id, token=OWNER)
    hub.repository(repo_id).add(".gitignore", b"report.json")
    (model / "report.json").write_text('{"macro": 0.9}')
    (model / "cxrzoo.json").write_text('{"format": 2}')
    with pytest.raises(HubError, match=r"does not hold report\.json as sent.*\.gitignore"):
        client(publish_directory, model, repo_id, token=OWNER)


def test_a_card_that_the_hub_does_not_take_is_reported(client, hub, model, repo_id):
    (model / "README.md").write_text("# no metadata")
    with pytest.raises(HubError, match=r"Invalid metadata in README\.md"):
        client(publish_directory, model, repo_id, token=OWNER)
    assert len(hub.repository(repo_id).history("main")) == 1


@pytest.mark.parametrize("route", ["/repos/create", "/revision/main", "/commit/", "/paths-info/"])
def test_a_broken_hub_leaves_all_or_nothing(client, hub, model, repo_id, route):
    hub.faults.append(Fault(route, status=500))
    with pytest.raises(HubError, match=r"answered 500 .*try again later"):
        client(publish_directory, model, repo_id, token=OWNER)
    hub.faults.clear()
    if hub.repository(repo_id).exists:
        held = contents(hub, repo_id)
        assert set(held) in ({".gitattributes"}, {".gitattributes", *of(model)})
    client(publish_directory, model, repo_id, token=OWNER)
    assert contents(hub, repo_id).items() >= of(model).items()


def test_publishing_offline_says_so(offline_client, model, repo_id):
    with pytest.raises(HubError, match="needs the network: unset HF_HUB_OFFLINE"):
        offline_client(publish_directory, model, repo_id, token=OWNER)


@pytest.mark.parametrize("repo_id", ["chest", "acme/chest/model", "../chest", "acme/a b"])
def test_a_malformed_name_is_refused_before_any_request(client, hub, model, repo_id):
    with pytest.raises(ArtifactNotFoundError, match="expected 'organisation/name'"):
        client(publish_directory, model, repo_id, token=OWNER)
    assert hub.seen == []


@pytest.mark.parametrize("tag", ["../v1", "v 1", ""])
def test_a_malformed_tag_is_refused_before_any_request(client, hub, model, repo_id, tag):
    with pytest.raises(ArtifactNotFoundError, match="is no revision"):
        client(publish_directory, model, repo_id, token=OWNER, tag=tag)
    assert hub.seen == []


def test_what_is_no_flat_directory_is_refused_before_any_request(client, hub, model, repo_id):
    (model / "empty").mkdir()
    (model / "checkpoints").mkdir()
    (model / "checkpoints" / "epoch-1").write_bytes(b"weights")
    with pytest.raises(ArtifactError, match=r"checkpoints is not a file.*Move it away"):
        client(publish_directory, model, repo_id, token=OWNER)
    with pytest.raises(ArtifactNotFoundError, match="is empty"):
        client(publish_directory, model / "empty", repo_id, token=OWNER)
    with pytest.raises(ArtifactNotFoundError, match="is no directory"):
        client(publish_directory, model / "cxrzoo.json", repo_id, token=OWNER)
    assert hub.seen == []


def test_a_folder_of_the_cache_can_be_published_again(client, hub, model, repo_id, cache):
    first = client(publish_directory, model, repo_id, token=OWNER)
    names = [file.name for file in first.files]
    fetched = client(fetch, HubAddress(repo_id), files=names, cache_dir=cache)
    copy = client(publish_directory, fetched.directory, f"{repo_id}-copy", token=OWNER)
    assert copy.files == first.files


def test_a_gated_repository_takes_its_owners_commits(client, hub, model, repo_id):
    client(publish_directory, model, repo_id, token=OWNER)
    hub.repository(repo_id).about = About(gated=True)
    (model / "cxrzoo.json").write_text('{"format": 2}')
    client(publish_directory, model, repo_id, token=OWNER)
    assert contents(hub, repo_id)["cxrzoo.json"] == b'{"format": 2}'


def test_a_refused_upload_is_told_and_leaves_nothing(client, hub, model, repo_id):
    hub.faults.append(Fault("/[0-9a-f]{64}$", "PUT", status=403))
    with pytest.raises(HubError, match="forbids it"):
        client(publish_directory, model, repo_id, token=OWNER)
    assert set(contents(hub, repo_id)) == {".gitattributes"}
