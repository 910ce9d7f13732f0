"""Public data sets, one file each. A file that is put here is found, and needs no other change."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from cxrzoo.data.sets.register import SETS, find_set, open_set
from cxrzoo.data.sets.vocabulary import in_order

__all__ = ["SETS", "VOCABULARY", "find_set", "open_set"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

VOCABULARY: Final = in_order(label for entry in SETS.values() for label in entry.labels)
"""Every label that a reader may give, in the order in which readers give them."""
