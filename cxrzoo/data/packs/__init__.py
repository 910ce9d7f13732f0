"""Resized images in one memory-mapped file."""

from cxrzoo.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {})
