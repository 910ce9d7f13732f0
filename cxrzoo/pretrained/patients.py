"""Which patients a model was trained on, as hashes that a test set can be held against.

It answers 'was this patient trained on?' to whoever has the identifier, and lists nobody. It is no
secret: identifiers that can be guessed (whole numbers, say) can be tried one after the other.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from cxrzoo.cells import identifiers
from cxrzoo.strict_json import encoded, from_plain, to_plain
from cxrzoo.text import text_bytes

MAX_PATIENTS: Final = 400_000
"""The most patients that a model's description carries; they take 2.7 MB of its 4 MiB."""

_MAX_SETS: Final = 16
_SALT: Final = 16

# Of 2**40 values: ten thousand strangers against thirty thousand members give a false alarm once in
# four thousand times.
_MEMBER: Final = 5


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


@dataclass(frozen=True, slots=True)
class PatientSet:
    """The hashed identifiers of the patients of one training.

    Attributes:
        salt: the first 16 bytes of the SHA-256 of all identifiers, sorted, each ended by a zero byte:
            it names the set, and the same patient has another hash in another set.
        members: for each patient the first 5 bytes of the SHA-256 of ``salt`` and the identifier in
            UTF-8; sorted, one after the other.
    """

    salt: bytes = field(metadata=encoded(bytes.hex, bytes.fromhex))
    members: bytes = field(metadata=encoded(_base64, base64.b64decode))

    def __post_init__(self) -> None:
        if len(self.salt) != _SALT:
            raise ValueError(f"the salt of a patient set has {_SALT} bytes; got {len(self.salt)}")
        if not 0 < len(self) <= MAX_PATIENTS or len(self.members) % _MEMBER:
            raise ValueError(
                f"a patient set holds {_MEMBER} bytes for each of 1 to {MAX_PATIENTS:,} patients; "
                f"got {len(self.members)} bytes"
            )
        hashes = self._hashes()
        if hashes != sorted(hashes):
            raise ValueError("the hashes of a patient set must be sorted")

    def __len__(self) -> int:
        return len(self.members) // _MEMBER

    def among(self, patients: Iterable[str | None]) -> frozenset[str]:
        """Return those of ``patients`` that are in the set; None (unknown) never is."""
        hashes = set(self._hashes())
        known = set(identifiers(patients))
        return frozenset(name for name in known if name and _hash(self.salt, name) in hashes)

    def _hashes(self) -> list[bytes]:
        starts = range(0, len(self.members), _MEMBER)
        return [self.members[start : start + _MEMBER] for start in starts]

    def to_json(self) -> dict[str, str]:
        """Return the object that ``cxrzoo.json`` spells."""
        return dict(to_plain(self))

    @classmethod
    def from_json(cls, value: Any) -> "PatientSet":
        """Read that object.

        Raises:
            ValueError: it is not one.
        """
        return from_plain(cls, value, source="a patient set", error=ValueError)


def patient_set(patients: Iterable[str | None] | None) -> PatientSet | None:
    """Return the set of these patients; None where none is known, or more than :data:`MAX_PATIENTS`."""
    known = sorted(filter(None, set(identifiers(() if patients is None else patients))))
    if not 0 < len(known) <= MAX_PATIENTS:
        return None
    whole = b"".join(text_bytes(patient) + b"\0" for patient in known)
    salt = hashlib.sha256(whole).digest()[:_SALT]
    return PatientSet(salt, b"".join(sorted(_hash(salt, patient) for patient in known)))


def also_trained_on(
    earlier: tuple[PatientSet, ...], patients: Iterable[str | None] | None
) -> tuple[PatientSet, ...]:
    """Return the sets of a model that was trained on ``earlier`` and then on ``patients``.

    Where all of them are more than a description carries, the earliest are left out.
    """
    new = patient_set(patients)
    sets = earlier if new is None or new in earlier else (*earlier, new)
    while len(sets) > _MAX_SETS or sum(map(len, sets)) > MAX_PATIENTS:
        sets = sets[1:]
    return sets


def check_sets(sets: Any) -> tuple[PatientSet, ...]:
    """Return the sets as a tuple, if a description can carry them.

    Raises:
        ValueError: it cannot.
    """
    if not isinstance(sets, tuple | list) or not all(isinstance(one, PatientSet) for one in sets):
        raise ValueError("trained_on must be patient sets")
    if len(sets) > _MAX_SETS or sum(map(len, sets)) > MAX_PATIENTS:
        raise ValueError(
            f"trained_on holds at most {_MAX_SETS} sets of {MAX_PATIENTS:,} patients in all"
        )
    return tuple(sets)


def _hash(salt: bytes, patient: str) -> bytes:
    return hashlib.sha256(salt + text_bytes(patient)).digest()[:_MEMBER]
