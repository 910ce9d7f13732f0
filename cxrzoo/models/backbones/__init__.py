"""The zoo's backbones, one file each. A file that is put here is found, and needs no other change."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
