"""Safetensors: a header of JSON that names each tensor's type, shape and place, then the numbers.

https://huggingface.co/docs/safetensors has the format. The header is read here, so that no numbers
are read until they are asked for; bfloat16, which NumPy lacks, is one of the types.
"""

from typing import Final

from cxrzoo.convert.foreign import Contents, ForeignTensor, bounded_tensors, lines_of
from cxrzoo.convert.opened import OpenedFile
from cxrzoo.convert.stored import View, checked_view, contiguous, read_view
from cxrzoo.errors import TensorError
from cxrzoo.pretrained.tensors import HEADER_BYTES
from cxrzoo.strict_json import parse_object

FORMAT: Final = "safetensors"
_TYPES: Final = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}


def read_safetensors_file(file: OpenedFile) -> Contents:
    """Read the header of a safetensors file; its numbers when they are asked for.

    Raises:
        TensorError: it is no such file, or breaks the format.
    """
    length = int.from_bytes(file.read(0, 8), "little")
    if length > HEADER_BYTES:
        raise TensorError(f"it announces a header of {length} bytes; the most is {HEADER_BYTES}.")
    header = parse_object(file.read(8, length), source="its header", error=TensorError)
    notes = header.pop("__metadata__", {})
    if not isinstance(notes, dict) or not all(isinstance(note, str) for note in notes.values()):
        raise TensorError("its notes (__metadata__) are no texts.")
    begin, found = 8 + length, []
    for name, entry in header.items():
        first, end, tensor = _tensor(file, begin, name, entry)
        found.append((first, end, name, tensor))
    at = 0
    for first, end, name, _ in sorted(found, key=lambda one: one[:2]):
        if first != at:
            raise TensorError(f"tensor {name[:80]!r} does not begin where the one before it ends.")
        at = end
    if at != file.size - begin:
        raise TensorError(
            f"its tensors take {at} bytes; {file.size - begin} are there. Fetch the file again."
        )
    tensors = bounded_tensors(((name, tensor) for *_, name, tensor in found), size=file.size)
    lines = lines_of(f"{key[:80]}: {note[:200]!r}" for key, note in notes.items())
    return Contents(FORMAT, tensors, lines, "", ("",))


def _tensor(
    file: OpenedFile, begin: int, name: str, entry: object
) -> tuple[int, int, ForeignTensor]:
    """Return where a tensor begins and ends among the numbers, and the tensor."""
    shown = repr(name[:80])
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise TensorError(f"tensor {shown} is not described by type, shape and place.")
    kind, offsets = entry["dtype"], entry["data_offsets"]
    if not isinstance(kind, str) or kind not in _TYPES:
        raise TensorError(
            f"tensor {shown} is of type {str(kind)[:20]!a}; those that are read are "
            f"{', '.join(_TYPES)}."
        )
    if (
        not isinstance(offsets, list)
        or len(offsets) != 2
        or not all(type(offset) is int and 0 <= offset <= file.size for offset in offsets)
    ):
        raise TensorError(f"tensor {shown} has a place that is none.")
    first, end = offsets
    given = entry["shape"]
    shape = tuple(given) if isinstance(given, list) else given
    flat = contiguous(shape) if isinstance(shape, tuple) and _numbers(shape) else ()
    try:
        sizes, strides = checked_view(shape, flat)
    except TensorError as error:
        raise TensorError(f"tensor {shown}: {error}") from None
    view = View(begin + first, _TYPES[kind], sizes, strides)
    if view.span * view.itemsize != end - first:
        raise TensorError(f"tensor {shown} of shape {sizes} does not take {end - first} bytes.")
    return first, end, ForeignTensor(sizes, view.dtype, view.cost, lambda: read_view(file, view))


def _numbers(shape: tuple[object, ...]) -> bool:
    return len(shape) <= 16 and all(type(n) is int and 0 <= n <= 1 << 40 for n in shape)
