"""Models out of the house and in again: saving, loading, publishing and checking."""

from cxrzoo.artifacts.golden import Check
from cxrzoo.artifacts.load import from_pretrained, selfcheck
from cxrzoo.artifacts.save import save_pretrained

__all__ = ["Check", "from_pretrained", "save_pretrained", "selfcheck"]
