"""Hostile and broken artifacts: each spoils an honest model's directory in one way.

``ATTACKS`` maps a name to what is done to the directory and the error that must come of it;
``GOLDEN_ATTACKS`` are noticed by who asks for verification.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cxrzoo.errors import CxrZooError

CONFIG, TENSORS, GOLDEN = "cxrzoo.json", "model.safetensors", "golden.safetensors"

Attack = Callable[[Path], Any]
ATTACKS: dict[str, tuple[Attack, type[CxrZooError]]] = {}
GOLDEN_ATTACKS: dict[str, Attack] = {}


def attack(error: type[CxrZooError], name: str, spoil: Attack) -> None:
    assert name not in ATTACKS
    ATTACKS[name] = (spoil, error)


class Canary:
    """Unpickled, it creates a file: the sign that code has run."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, ('touch "$CXRZOO_CANARY"',))
