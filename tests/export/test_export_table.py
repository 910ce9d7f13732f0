import json
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_in_the_guide_is_the_one_that_was_measured(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks" / "parity")
    import export_table  # noqa: PLC0415 - from its own folder

    measured = json.loads((ROOT / "benchmarks" / "results" / "export_table.json").read_text())
    cells = {(cell["format"], cell["backend"]) for cell in measured["cells"]}
    assert cells == {
        (one, other) for one in export_table.FORMATS for other in export_table.BACKENDS
    }
    for cell in measured["cells"]:
        assert cell["difference"] is None or cell["difference"] <= cell["tolerance"]
    page = (ROOT / "docs" / "guides" / "export.md").read_text()
    assert export_table.markdown(measured) in page


def test_the_table_of_networks_in_the_guide_is_the_one_that_was_measured(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks" / "parity")
    import export_backbones  # noqa: PLC0415 - as above

    measured = json.loads(export_backbones.RESULTS.read_text())["builders"]
    assert export_backbones.markdown(measured) in export_backbones.PAGE.read_text()
