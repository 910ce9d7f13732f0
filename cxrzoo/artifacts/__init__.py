"""Models out of the house and in again: saving, loading, publishing and checking."""

from cxrzoo.artifacts.convert import convert_file
from cxrzoo.artifacts.description import describe
from cxrzoo.artifacts.load import from_pretrained, pull
from cxrzoo.artifacts.push import Publication, push_to_hub
from cxrzoo.artifacts.save import save_pretrained
from cxrzoo.artifacts.selfcheck import Check, selfcheck

__all__ = [
    "Check",
    "Publication",
    "convert_file",
    "describe",
    "from_pretrained",
    "pull",
    "push_to_hub",
    "save_pretrained",
    "selfcheck",
]
