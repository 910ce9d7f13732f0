"""Pipe tables that also read as plain text, and the figures in them."""

from math import isnan

from cxrzoo.evaluation.statistics.intervals import Interval

__all__ = ["figure_text", "interval_text", "markdown_table"]


def figure_text(value: float, digits: int = 3) -> str:
    """A figure for a table, or 'undefined'."""
    return "undefined" if isnan(value) else f"{value:.{digits}f}"


def interval_text(interval: Interval, digits: int = 3) -> str:
    """An interval for a table, or a dash."""
    if not interval.defined:
        return "-"
    between = " to " if interval.low < 0 else "-"
    return f"{interval.low:.{digits}f}{between}{interval.high:.{digits}f}"


def markdown_table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, the first column to the left and the others to the right."""
    header, *rows = [[cell.replace("|", "\\|") for cell in row] for row in (header, *rows)]
    widths = [max(3, *(len(row[i]) for row in [header, *rows])) for i in range(len(header))]

    def line(cells: list[str]) -> str:
        padded = [
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * (width - 1) + ":" if i else "-" * width for i, width in enumerate(widths)]
    return "\n".join([line(header), line(rule), *map(line, rows)])
