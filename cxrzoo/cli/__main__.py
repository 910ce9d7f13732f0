"""``python -m cxrzoo.cli`` is the program ``cxrzoo``."""

from cxrzoo.cli.program import main

main()
