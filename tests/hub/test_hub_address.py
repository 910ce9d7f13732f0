import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrzoo.errors import ArtifactNotFoundError
from cxrzoo.pretrained.hub_address import HubAddress, parse_hub_uri


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("hf://acme/chest", HubAddress("acme/chest")),
        ("hf://acme/chest@main", HubAddress("acme/chest", "main")),
        ("hf://acme/chest-2.1_b@v1.0", HubAddress("acme/chest-2.1_b", "v1.0")),
        ("hf://acme/chest@refs/pr/4", HubAddress("acme/chest", "refs/pr/4")),
        ("hf://acme/chest@" + "0f" * 20, HubAddress("acme/chest", "0f" * 20)),
    ],
)
def test_an_address_is_read_and_written_alike(uri, address):
    assert parse_hub_uri(uri) == address
    assert str(address) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "acme/chest",
        "https://huggingface.co/acme/chest",
        "hf://",
        "hf://chest",
        "hf://acme/",
        "hf:///chest",
        "hf://acme/chest/model.safetensors",
        "hf://acme/chest@",
        "hf://acme/chest@v1@v2",
        "hf://acme/chest@../../../etc",
        "hf://acme/chest@/etc/passwd",
        "hf://acme/chest@a//b",
        "hf://acme/chest@a/",
        "hf://acme/chest@v1\n",
        "hf://../chest",
        "hf://acme/..",
        "hf://acme/che--st",
        "hf://acme/chest model",
        "hf://acme/" + "a" * 97,
        "hf://acmé/chest",
    ],
)
def test_a_malformed_address_is_refused_with_the_form_that_is_expected(uri):
    with pytest.raises(ArtifactNotFoundError, match="expected"):
        parse_hub_uri(uri)


@given(st.text(st.sampled_from("ab./@-_\\:\0 "), max_size=30))
def test_no_address_names_a_path_outside_its_repository(tail):
    try:
        address = parse_hub_uri("hf://a/" + tail)
    except ArtifactNotFoundError:
        return
    for part in (address.repo_id, address.revision or "main"):
        assert not part.startswith("/")
        assert not {"", ".", ".."} & set(part.split("/"))
