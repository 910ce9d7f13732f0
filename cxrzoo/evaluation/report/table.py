"""A table as data, and the same table as Markdown and as HTML."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import NamedTuple

from cxrzoo.evaluation.statistics.intervals import Interval
from cxrzoo.text import for_markdown, for_page


class Cell(NamedTuple):
    """A figure as text, its interval if it can have one, and what stands before both, such as a count."""

    text: str = ""
    interval: Interval | None = None
    before: str = ""


@dataclass(frozen=True)
class Table:
    """Named rows of figures.

    Attributes:
        header: A heading for each column, the first one for the names of the rows.
        rows: Names and figures, as many as there are headings.
        totals: More rows, with their names in bold.
        limits: What Markdown calls the columns of intervals that it makes, such as ``"95%"``; without it
            intervals stand in brackets behind their figures, as they stand in HTML.
        title: Of the page's section.
        key: How to read it.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    totals: Sequence[Sequence[str | Cell]] = ()
    limits: str = ""
    title: str = ""
    key: str = ""

    def to_markdown(self) -> str:
        """Return a pipe table that also reads as plain text."""
        columns: list[list[str]] = []
        totals = [(f"**{name}**", *rest) for name, *rest in self.totals]
        for heading, *given in zip(self.header, *self.rows, *totals, strict=True):
            cells = [_cell(one) for one in given]
            if self.limits and any(cell.interval is not None for cell in cells):
                columns.append([heading, *(cell.text for cell in cells)])
                limits = ["" if c.interval is None else interval_text(c.interval) for c in cells]
                columns.append([self.limits, *limits])
            else:
                columns.append([heading, *map(_in_brackets, cells)])
        header, *rows = map(list, zip(*columns, strict=True))
        return markdown_table(header, rows)

    def to_html(self) -> str:
        """Return a ``<table>``."""
        head = "".join(f"<th scope='col'>{for_page(heading)}</th>" for heading in self.header)
        rows = [_html_row(_as_html(name), cells) for name, *cells in self.rows]
        rows += [_html_row(f"<b>{_as_html(name)}</b>", cells) for name, *cells in self.totals]
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def document(title: str, tables: Iterable[Table], notes: Iterable[str]) -> str:
    """Return a title, tables and notes as Markdown that also reads as plain text."""
    listed = "\n".join(f"- {for_markdown(note)}" for note in notes)
    parts = [for_markdown(title), *(table.to_markdown() for table in tables), listed]
    return "\n\n".join(parts) + "\n"


def figure(value: float, interval: Interval | None = None, *, before: str = "") -> Cell:
    """Return the cell of a figure."""
    return Cell(figure_text(value), interval, before)


def figure_text(value: float, digits: int = 3) -> str:
    """Return a figure as text, or 'undefined'."""
    return "undefined" if isnan(value) else f"{value:.{digits}f}"


def interval_text(interval: Interval) -> str:
    """Return an interval as text, or a dash."""
    if not interval.defined:
        return "-"
    between = " to " if interval.low < 0 else "-"
    return f"{interval.low:.3f}{between}{interval.high:.3f}"


def markdown_table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table, the first column to the left and the others to the right."""
    header, *rows = [list(map(for_markdown, row)) for row in (header, *rows)]
    widths = [max(3, *(len(row[i]) for row in [header, *rows])) for i in range(len(header))]

    def line(cells: list[str]) -> str:
        padded = [
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * (width - 1) + ":" if i else "-" * width for i, width in enumerate(widths)]
    return "\n".join([line(header), line(rule), *map(line, rows)])


def _cell(given: str | Cell) -> Cell:
    return given if isinstance(given, Cell) else Cell(given)


def _in_brackets(cell: Cell) -> str:
    limits = "" if cell.interval is None else f"({interval_text(cell.interval)})"
    return " ".join(part for part in (cell.before, cell.text, limits) if part)


def _html_row(name: str, cells: Sequence[str | Cell]) -> str:
    figures = "".join(f"<td>{_as_html(cell)}</td>" for cell in cells)
    return f"<tr><th scope='row'>{name}</th>{figures}</tr>"


def _as_html(given: str | Cell) -> str:
    """Return a cell's HTML, with all but the figure in grey."""
    cell = _cell(given)
    limits = interval_text(cell.interval) if cell.interval and cell.interval.defined else ""
    parts = (cell.before, True), (cell.text, cell.text == "undefined"), (limits, True)
    return " ".join(f"<i>{for_page(x)}</i>" if grey else for_page(x) for x, grey in parts if x)
