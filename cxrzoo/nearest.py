"""Names that were not found, beside the known names they may be meant for."""

from collections.abc import Iterable
from difflib import get_close_matches


def with_nearest(absent: Iterable[str], known: Iterable[str]) -> str:
    """Return the absent names, quoted, as in ``'Oedema' (nearest: 'Edema'), 'Fluid'``."""
    candidates = {name.casefold(): name for name in known}
    parts = []
    for name in absent:
        near = [candidates[key] for key in get_close_matches(name.casefold(), candidates, n=2)]
        parts.append(f"{name!r}" + (f" (nearest: {', '.join(map(repr, near))})" if near else ""))
    return ", ".join(parts)
