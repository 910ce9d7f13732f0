import json
from pathlib import Path

from cxrzoo.budget import BYTES_A_PIXEL, MAX_PIXELS, TABLE_BYTES, TABLE_BYTES_A_BYTE

ROOT = Path(__file__).parents[2]


def test_the_table_on_the_page_is_the_one_that_was_measured_and_within_the_budget(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks" / "speed")
    import memory  # noqa: PLC0415 - from its own folder

    measured = json.loads((ROOT / "benchmarks" / "results" / "memory.json").read_text("utf-8"))
    page = (ROOT / "docs" / "concepts" / "security.md").read_text("utf-8")
    assert memory.markdown(measured) in page
    assert len([row for row in measured["files"] if row["ended"] == "read"]) >= 25
    for row in measured["files"]:
        table = TABLE_BYTES + TABLE_BYTES_A_BYTE * row["bytes"] + 2**27  # and what a CSV reader has
        most = table if row["file"].endswith(".gz") else BYTES_A_PIXEL * MAX_PIXELS
        assert max(row["read"], row["checked"]) <= most / 2**20, row
