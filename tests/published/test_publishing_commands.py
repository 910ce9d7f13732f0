"""``cxrzoo push``, ``pull``, ``info`` and ``selfcheck`` as a user types them."""

import contextlib
import io
import json
import re
import warnings

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from cxrzoo.cli import main


def typed(*arguments):
    """The command in a process whose Hub is the one on loopback."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            assert not end.code, err.getvalue()
    return out.getvalue()


@pytest.fixture
def here(capsys):
    shown = warnings.showwarning

    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        return end.value.code, *capsys.readouterr()

    with warnings.catch_warnings():
        yield run
    warnings.showwarning = shown


def test_a_model_is_pushed_shown_and_pulled(client, saved, repo_id, tmp_path):
    uri, entry = client(typed, "push", saved, repo_id, "--tag", "v1").split("\n", 1)
    assert re.fullmatch(rf"hf://{repo_id}@[0-9a-f]{{40}}", uri)
    (name,) = json.loads(entry)
    assert name == repo_id.split("/")[1]
    shown = client(typed, "info", f"hf://{repo_id}@v1")
    lines = dict(line.split(maxsplit=1) for line in shown.splitlines())
    assert lines["builder"] == "cnn_test1"
    assert lines["commit"] == uri.split("@")[1]
    assert "patients, hashed" in lines["trained_on"]
    client(typed, "pull", uri, tmp_path / "mine")
    for path in saved.iterdir():
        assert (tmp_path / "mine" / path.name).read_bytes() == path.read_bytes()


def test_selfcheck_without_a_name_checks_what_ships(here):
    status, out, err = here("selfcheck")
    assert status == 0
    assert re.fullmatch(
        r"nih-mini reproduces its 4 golden vectors on \w+: max \|difference\| "
        r"\d\.\d\de[+-]\d\d, tolerance 1\.00e-03\.\n",
        out,
    )
    assert err == ""


def test_selfcheck_fails_in_one_line_and_with_status_1(here, saved):
    tensors = load_file(saved / "golden.safetensors")
    tensors["outputs"] = tensors["outputs"] + np.float32(0.01)
    save_file(tensors, saved / "golden.safetensors")
    status, out, err = here("selfcheck", saved, "--json")
    assert status == 1
    found = json.loads(out)
    assert found["passed"] is False
    assert found["difference"] == pytest.approx(0.01, rel=0.01)
    assert re.fullmatch(r"FAILED: .* does not reproduce its 4 golden vectors .*\n", err)


def test_pushing_without_a_licence_ends_in_one_line(here, saved):
    path = saved / "cxrzoo.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "licence": None}))
    status, out, err = here("push", saved, "acme/xray")
    assert (status, out) == (2, "")
    assert re.fullmatch(r"error: .*--licence CC-BY-4\.0\.\n", err)


def test_what_is_no_model_is_not_checked(here, tmp_path):
    status, out, err = here("selfcheck", tmp_path)
    assert (status, out) == (2, "")
    assert re.fullmatch(r"error: .*cxrzoo\.json is not there.*\n", err)
