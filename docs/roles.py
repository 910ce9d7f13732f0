"""A griffe extension: reStructuredText in docstrings (roles, ``::``) reads well as Markdown."""

import re
from typing import Any, Final

import griffe
from typing_extensions import override

_ROLE: Final = re.compile(r":(?:func|class|meth|attr|data|mod|exc):`~?([\w.]+)`")
_LITERAL_NEXT: Final = re.compile(r"^::\n", re.MULTILINE)


class Roles(griffe.Extension):
    """Shows the last name of each role's target as code, and drops the marks of literal blocks."""

    @override
    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        if obj.docstring is not None:
            text = _ROLE.sub(_as_code, obj.docstring.value)
            obj.docstring.value = _LITERAL_NEXT.sub("", text)


def _as_code(role: re.Match[str]) -> str:
    return f"`{role[1].rpartition('.')[2]}`"
