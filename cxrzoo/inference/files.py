"""From image files to scores."""

import glob
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cxrzoo.errors import DataNotFoundError
from cxrzoo.evaluation import Predictions
from cxrzoo.images import IMAGE_SUFFIXES
from cxrzoo.inference.choice import EngineName
from cxrzoo.inference.scorer import Scorer
from cxrzoo.lazy import renamed_arguments
from cxrzoo.pretrained import Artifact
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments, require_kind

if TYPE_CHECKING:
    import keras


def expand_paths(paths: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Return the image files that files, folders and shell patterns name, each once.

    A folder stands for the images below it, sorted; a file is taken whatever its ending.

    Raises:
        DataNotFoundError: a path or pattern names nothing.
    """
    check_arguments(expand_paths, locals())
    found: dict[str, None] = {}
    # "./a.png" and "a.png" are one file; "" is none, though Path("") is the current folder.
    paths = list(paths)
    for path in paths:
        require_kind("paths", path, (str, os.PathLike), "text or paths")
    for given in [str(path) and str(Path(path)) for path in paths]:
        matches = [given] if os.path.exists(given) else sorted(glob.glob(given, recursive=True))  # noqa: PTH110, PTH207 - Path("") exists; patterns may be absolute
        if not matches:
            raise DataNotFoundError(
                f"{shown(given)} is no file, no folder and no pattern that matches one."
            )
        for match in matches:
            path = Path(match)
            inside = _images_below(path) if path.is_dir() else [match]
            if path.is_dir() and not inside and len(matches) == 1:
                endings = ", ".join(sorted(IMAGE_SUFFIXES))
                raise DataNotFoundError(
                    f"{given} holds no image: expected files ending in {endings}."
                )
            found.update(dict.fromkeys(inside))
    return list(found)


@renamed_arguments(mirror="flip")
def predict_files(
    model: "keras.Model | Artifact | str | os.PathLike[str]",
    files: Sequence[str],
    *,
    batch_size: int = 32,
    on_error: Literal["stop", "skip"] = "stop",
    engine: EngineName = "auto",
    flip: bool = False,
    on_batch: Callable[[int], None] | None = None,
) -> Predictions:
    """Score image files: a :class:`Scorer` for one call.

    ``model`` and ``engine`` are what :class:`Scorer` takes, the rest is as :meth:`Scorer.predict` has it,
    and so are the errors.
    """
    check_arguments(predict_files, locals())
    return Scorer(model, engine).predict(
        files, batch_size=batch_size, on_error=on_error, flip=flip, on_batch=on_batch
    )


def _images_below(folder: Path) -> list[str]:
    return sorted(
        os.path.join(parent, name)  # noqa: PTH118 - a hundred thousand Path objects are slow
        for parent, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith(IMAGE_SUFFIXES)
    )
