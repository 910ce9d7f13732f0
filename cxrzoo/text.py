"""Strangers' text on a terminal, a page, in Markdown and in CSV.

What a name, a label or a message holds beyond letters and signs (escape sequences, line breaks, marks
that turn the direction of writing or take no room, bytes that are no text) is spelled out, as in
``{U+001B}``, and acts nowhere.
"""

import html
import re
import reprlib
import unicodedata
import warnings
from typing import Any, Final

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's control, format, surrogate, private and unused characters, and its breaks."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell starts that a spreadsheet computes (OWASP, "CSV Injection")."""

_MARKDOWN: Final = {"|": "\\|", "<": "&lt;", "[": "\\["}
_SECRETS: Final = re.compile(r"(?<=://)[^\s/?#]*@")

_SHORT: Final = reprlib.Repr()
_SHORT.maxlevel = 3
_SHORT.maxstring = _SHORT.maxother = 80
"""Of a million values the first few are written, and no more is made."""


def visible(text: str) -> str:
    """Return text in one line, with every character spelled out that cannot be seen.

    An undecodable byte of a file name reads ``{0xff}``.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(one) for one in text)


def _spelled(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    # Python holds a byte that is no text as one of these.
    return f"{{0x{code - 0xDC00:02x}}}" if 0xDC80 <= code <= 0xDCFF else f"{{U+{code:04X}}}"


def text_bytes(text: str) -> bytes:
    """Return text as bytes to hash: UTF-8, and the bytes of a file name that are none as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def for_terminal(text: str) -> str:
    """Return lines to print: what is in them cannot move the cursor, change colours or hide anything."""
    return "\n".join(visible(line) for line in text.split("\n"))


def for_page(text: str) -> str:
    """Return text for the body or an attribute of an HTML page."""
    return html.escape(visible(text))


def for_markdown(text: str) -> str:
    """Return text that Markdown shows as it is, in one line: no table cell ends in it, no HTML begins."""
    return "".join(_MARKDOWN.get(one, one) for one in visible(text))


def for_csv(text: str) -> str:
    """Return a cell that no spreadsheet computes; an apostrophe goes before what looks like a formula."""
    seen = visible(text)
    return f"'{seen}" if seen.startswith((*_FORMULA, "'")) else seen


def from_csv(cell: str) -> str:
    """Return the text that :func:`for_csv` wrote."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith((*_FORMULA, "'")) else cell


def one_line(text: str, most: int = 600) -> str:
    """Return a message in one line, with its middle left out where it is long."""
    line = visible(text)
    return line if len(line) <= most else f"{line[: most * 2 // 3]} ... {line[5 - most // 3 :]}"


def without_secrets(text: str) -> str:
    """Return text whose web addresses have lost the user and password that they carried."""
    return _SECRETS.sub("", text)


def shown(value: Any) -> str:
    """Return a value of a caller's for a message, in one line, cut where it is long or has no text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras's variables warn when they are written
            text = visible(" ".join(_SHORT.repr(value).split()))
    except Exception:  # noqa: BLE001 - a stranger's object, or a number of too many digits
        text = ""
    if not text or text.startswith(f"<{type(value).__name__} instance at"):  # it has no repr
        text = f"a {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."
