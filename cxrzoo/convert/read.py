"""One entry for every format: what the file's first bytes say it is, is read."""

from os import PathLike
from pathlib import Path
from typing import Final

from cxrzoo.convert.foreign import Contents, ForeignWeights
from cxrzoo.convert.keras_hdf5 import read_keras_hdf5
from cxrzoo.convert.opened import OpenedFile
from cxrzoo.convert.safetensors_file import read_safetensors_file
from cxrzoo.convert.torch_legacy import read_torch_legacy
from cxrzoo.convert.torch_zip import read_torch_zip
from cxrzoo.errors import TensorError

_ZIP: Final = b"PK\x03\x04"
_HDF5: Final = b"\x89HDF\r\n\x1a\n"
_PICKLE: Final = b"\x80"
_TAR: Final = b"ustar"


def read_weights(path: str | PathLike[str], *, model: str | None = None) -> ForeignWeights:
    """Open a file of weights that was written for another framework.

    Reads PyTorch's zip and legacy layouts (state dicts, checkpoints that hold one, and whole
    modules), safetensors, and Keras 2 HDF5 weights. Nothing that the file names is imported,
    called or constructed, and PyTorch need not be installed. Names, shapes and places are checked
    now; the numbers of a tensor are read when they are asked for.

    Args:
        path: the file. The format is told from its first bytes, not from its name.
        model: where the model stands in a PyTorch file, keys joined by ``/``, such as
            ``"state_dict_ema"``; None goes by the rule of :mod:`cxrzoo.convert.torch_model`.

    Raises:
        ArtifactNotFoundError: there is no such file, or it is no regular file.
        TensorError: it is of no format that is read, is broken, goes beyond the bounds, or holds
            several parts that could be the model.
    """
    place = Path(path)
    try:
        file = OpenedFile(place)
        contents = _contents(file, model)
        sha256 = file.sha256()
    except TensorError as error:
        raise TensorError(f"{place}: {error}") from None
    return ForeignWeights(name=place.name, sha256=sha256, size=file.size, **vars(contents))


def _contents(file: OpenedFile, model: str | None) -> Contents:
    head = file.read(0, min(file.size, 512))
    if head.startswith(_ZIP):
        return read_torch_zip(file, model)
    # The length of a safetensors file's header comes first, and may be 0x80 too.
    if head.startswith(_PICKLE) and head[8:9] != b"{":
        return read_torch_legacy(file, model)
    if model:
        raise TensorError(f"it is no PyTorch file, so nothing stands under {model[:80]!r} in it.")
    if head.startswith(_HDF5):
        return read_keras_hdf5(file)
    if head[8:9] == b"{":
        return read_safetensors_file(file)
    if head[257:262] == _TAR:
        raise TensorError(
            "it is in the layout of PyTorch before 0.1.10, which is not read; load it with PyTorch "
            "and save its state_dict() anew."
        )
    raise TensorError(
        "its first bytes are none of a PyTorch file, safetensors or HDF5; those are read. "
        "(TensorFlow checkpoints are not.)"
    )
