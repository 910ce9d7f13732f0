from collections import namedtuple

import pytest

Ended = namedtuple("Ended", "status out err")


@pytest.fixture
def cxrzoo_command(capsys):
    """Runs the program in this process and gives its exit status and what it printed."""
    from cxrzoo.cli import main  # noqa: PLC0415 - after the tests of what importing loads

    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ended(end.value.code, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def saved_model(small, tmp_path_factory):
    """A small model for the labels of the embedded sample, saved."""
    import cxrzoo  # noqa: PLC0415 - as above

    model = small("cnn_test1", labels=cxrzoo.NIH_LABELS)
    return cxrzoo.save_pretrained(model, tmp_path_factory.mktemp("saved") / "model")
