"""What ``cxrzoo.data.packs`` offers. Written by tests/generate.py; do not edit."""

from cxrzoo.data.packs import index as index
from cxrzoo.data.packs import mapped as mapped
from cxrzoo.data.packs import pack as pack
from cxrzoo.data.packs import write as write
