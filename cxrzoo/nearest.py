"""Names in messages: those not found beside those they may be meant for, and those there are."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Final

_MOST_ABSENT: Final = 8
_MOST_LISTED: Final = 20


def with_nearest(absent: Iterable[str], known: Iterable[str]) -> str:
    """Return the absent names, quoted, as in ``'Oedema' (nearest: 'Edema'), 'Fluid'``.

    Of many the first are named and the others counted.
    """
    candidates = {name.casefold(): name for name in known}
    names = list(absent)
    parts = []
    for name in names[:_MOST_ABSENT]:
        near = [candidates[key] for key in get_close_matches(name.casefold(), candidates, n=2)]
        parts.append(f"{name!r}" + (f" (nearest: {', '.join(map(repr, near))})" if near else ""))
    return ", ".join(parts) + _more(len(names) - _MOST_ABSENT)


def listed(names: Collection[str]) -> str:
    """Return names, quoted; of many the first are named and the others counted."""
    shown = [repr(name) for name in names][:_MOST_LISTED]
    return ", ".join(shown) + _more(len(names) - _MOST_LISTED)


def _more(count: int) -> str:
    return f" and {count:,} more" if count > 0 else ""
