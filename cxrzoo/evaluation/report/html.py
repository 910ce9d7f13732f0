"""The frame of a page that needs nothing but a browser: no library, font or script to fetch."""

from collections.abc import Iterable
from importlib.resources import files
from itertools import groupby

from cxrzoo.evaluation.report.table import Table
from cxrzoo.text import for_page


def page(
    title: str,
    lead: str,
    tiles: Iterable[tuple[str, str, str]],
    notes: Iterable[str],
    sections: Iterable[str],
) -> str:
    """Return a whole page.

    Args:
        title: Its heading.
        lead: The line below.
        tiles: Name, figure and what stands below it, of the boxes at the top.
        notes: Sentences of the list below these.
        sections: HTML of the rest.
    """
    shown = for_page(title)
    style = (files("cxrzoo.evaluation.report") / "page.css").read_text("utf-8")
    listed = "".join(f"<li>{for_page(note)}</li>" for note in notes)
    cells = "".join(
        f"<div><span>{for_page(name)}</span><b>{value}</b><span>{for_page(below)}</span></div>"
        for name, value, below in tiles
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{shown}</title><style>{style}</style></head><body><main>"
        f"<h1>{shown}</h1><p class='lead'>{for_page(lead)}</p>"
        f"<div class='tiles'>{cells}</div><ul class='notes'>{listed}</ul>{''.join(sections)}"
        "<footer>Made with cxrzoo. For research; not a medical device.</footer>"
        "</main></body></html>\n"
    )


def table_sections(described: Iterable[Table]) -> Iterable[str]:
    """Give a section a title; tables of the same title, the subgroups', stand side by side."""
    for (title, key), alike in groupby(described, lambda table: (table.title, table.key)):
        body = "".join(table.to_html() for table in alike)
        yield section(title, key, f"<div class='side'>{body}</div>")


def section(title: str, key: str, body: str) -> str:
    """Return a section with a heading and how to read it; what is too wide scrolls by itself."""
    how = f"<p class='key'>{for_page(key)}</p>" if key else ""
    return f"<section><h2>{for_page(title)}</h2>{how}<div class='wide'>{body}</div></section>"
