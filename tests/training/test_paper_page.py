from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_papers_page_has_the_table_that_its_command_writes_from_the_kept_result(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks" / "pages")
    import paper_page  # noqa: PLC0415 - a script, importable from its folder only

    result = paper_page.reproduction_from_json(paper_page.RESULT.read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "paper.md").read_text(encoding="utf-8")
    assert paper_page.page(text, result) == text
    assert result.to_markdown() in text
    assert {outcome.row for outcome in result.outcomes} <= set(paper_page.PAPER_ACCURACY)
