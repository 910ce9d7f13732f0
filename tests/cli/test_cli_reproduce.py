import json


def test_reproduce_prints_the_table_and_keeps_what_is_finished(cxrzoo_command, tmp_path):
    command = ("reproduce", "--sample", "--rows", "cnn-test1-a", "--seeds", "0", "--image-size", 32)
    ended = cxrzoo_command(*command, "--output", tmp_path / "out")
    assert ended.status == 0, ended.err
    assert "| `cnn-test1-a` |    0 |            0.55 |" in ended.out
    assert (tmp_path / "out" / "reproduce.md").read_text() == ended.out
    again = cxrzoo_command(*command, "--output", tmp_path / "out", "--json")
    assert json.loads(again.out)["outcomes"][0]["row"] == "cnn-test1-a"
    assert "nothing is left to do" in " ".join(again.err.split())


def test_reproduce_refuses_bad_input_with_one_line(cxrzoo_command, tmp_path):
    for given, said in (
        (["--sample", "--seeds", "0,x"], "--seeds takes whole numbers"),
        (["--sample", "--rows", "cnn-test9"], "no row 'cnn-test9'"),
        (["--sample", "--backbone", "gone.safetensors"], "gone.safetensors is not there"),
        (["--sample", "--trunk", "nih-maxi"], "nearest"),
        ([], "name one source of images"),
    ):
        ended = cxrzoo_command("reproduce", *given, "--output", tmp_path / "out")
        assert ended.status == 2
        assert said in ended.err
        assert "Traceback" not in ended.err
    assert not (tmp_path / "out").exists()
