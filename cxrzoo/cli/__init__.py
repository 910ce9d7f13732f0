"""The command line: thin commands over the library, one file each."""

from cxrzoo.cli.program import main

__all__ = ["main"]
