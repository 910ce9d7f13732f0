"""Models out of the house and in again: saving and loading."""

from cxrzoo.artifacts.load import from_pretrained
from cxrzoo.artifacts.save import save_pretrained

__all__ = ["from_pretrained", "save_pretrained"]
