import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import cxrzoo

ROOT = Path(__file__).parents[2]


@pytest.fixture
def everything(monkeypatch, tmp_path):
    """The command, whose files are in an empty folder and whose evaluator has little to do."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks" / "speed")
    import everything  # noqa: PLC0415 - a script, importable from its folder only

    monkeypatch.setattr(everything, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(everything, "PAGE", tmp_path / "benchmarks.md")
    small = ["evaluator.py", "--images", "300", "--replicates", "20", "--loop", "2"]
    monkeypatch.setitem(everything.SCRIPTS, "evaluator", small)
    above = Path(cxrzoo.__file__).parents[1]
    monkeypatch.setenv("PYTHONPATH", str(above))
    return everything


@pytest.fixture
def entry(everything):
    """Gives one part as some other machine may have left it."""
    from ratios import Part, Ratio, Table, spread  # noqa: PLC0415 - as above
    from results import Entry  # noqa: PLC0415 - as above

    def made(**changes):
        ratios = (
            Ratio("ours", "theirs", spread([2.0, 4.0, 3.0]), spread([1.0, 1.5, 1.25])),
            Ratio("ours", "others", spread([12.5, 1234.0]), spread([10.0, 10.0]), aim=8),
        )
        found = Part("Some work.", 3, (Table("work", ratios),), ("A note.",), ("a peer.",))
        machine = {"processor": "A, x86_64", "cores": "4", "memory": "16 GiB"}
        machine |= {"system": "Linux 6.1, Debian", "python": "3.12.1", "load": "0.0"}
        kept = Entry("2026-01-02", "0123456789ab", machine, {"keras": "3.8.0"}, {}, found)
        return replace(kept, **changes)

    return made


def call(command, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["everything.py", *arguments])
    command.main()


def test_the_page_in_the_docs_is_what_the_kept_results_give(everything):
    from results import RESULTS  # noqa: PLC0415 - as above

    page = everything.page(everything.read_results(RESULTS))
    assert page == (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")


def test_the_page_has_each_ratio_with_its_range_its_aim_and_what_was_left_out(everything, entry):
    page = everything.page({"import": entry()})
    assert "| ours | theirs | 3.00 (2.00 to 4.00) | 1.25 (1.00 to 1.50) |" in page
    assert "| ours | others | 623 (12.50 to 1,234); aim: 8 | 10.00 (10.00 to 10.00) |" in page
    assert "- Left out: a peer.\n" in page
    assert "Not measured yet: `python benchmarks/speed/everything.py --only build`." in page


def test_a_machine_is_described_once_and_two_machines_each_with_their_parts(everything, entry):
    page = everything.page({"import": entry(), "build": entry()})
    assert page.count("A, x86_64; 4 cores, 16 GiB") == 1
    assert "All parts:" in page
    other = entry(machine={**entry().machine, "processor": "B, arm64"})
    page = everything.page({"import": entry(), "build": other, "data": entry()})
    assert page.index("Import; Feeding:") < page.index("A, x86_64") < page.index("B, arm64")


def test_a_part_run_again_replaces_its_own_entry_and_no_other(
    everything, entry, monkeypatch, capfd
):
    old = {"import": entry(), "evaluator": entry()}
    everything.RESULTS.write_text(everything.as_json(old), encoding="utf-8")
    call(everything, monkeypatch, "--only", "evaluator", "--rounds", "2")
    new = everything.read_results(everything.RESULTS)
    assert new["import"] == old["import"]
    ran = new["evaluator"]
    assert ran.date > "2026-01-02"
    assert ran.commit != "0123456789ab"
    assert ran.found.rounds == 2
    (ratio,) = ran.found.tables[0].ratios
    assert len(ratio.wall.by_round) == 2
    assert 0 < ratio.wall.least <= ratio.wall.median <= ratio.wall.most
    written = everything.PAGE.read_text(encoding="utf-8")
    assert str(ratio.wall) in written
    assert str(ratio.wall) in capfd.readouterr().out

    everything.PAGE.unlink()
    kept = everything.RESULTS.read_bytes()
    call(everything, monkeypatch, "--page")
    assert everything.PAGE.read_text(encoding="utf-8") == written
    assert everything.RESULTS.read_bytes() == kept


def test_each_part_asks_only_for_what_it_takes(everything, monkeypatch, capsys):
    with pytest.raises(SystemExit, match="2"):
        call(everything, monkeypatch)
    assert "need --images" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        call(everything, monkeypatch, "--only", "data", "--images", "folder")
    assert "needs --csv" in capsys.readouterr().err


def test_results_of_another_format_are_refused(everything):
    everything.RESULTS.write_text(json.dumps({"format": 2, "parts": {}}), encoding="utf-8")
    with pytest.raises(SystemExit, match="format 2; this reads 1"):
        everything.read_results(everything.RESULTS)
