"""What a report holds, and how it is shown."""

from cxrzoo.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, {})
