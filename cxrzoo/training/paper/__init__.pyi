"""What ``cxrzoo.training.paper`` offers. Written by tests/generate.py; do not edit."""

from cxrzoo.training.paper import reproduce as reproduce
from cxrzoo.training.paper import rows as rows
from cxrzoo.training.paper import table as table
