"""Radiologists' labels beside a data set's own, and beside a model."""

from cxrzoo.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {})
