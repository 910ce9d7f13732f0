"""The embedded sample: real NIH images, so that everything runs without a download."""

import atexit
from contextlib import ExitStack
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from cxrzoo.data.records import Records
from cxrzoo.data.sets.nih import NIHChestXray14


def load_sample() -> Records:
    """Real chest X-rays of 128 x 128 pixels that come with the package.

    Members of all three parts of the official split (``seed=0``), no patient in two of them. They
    were chosen so that every label has as many positives as can be: figures measured on them say
    that the machinery works, and nothing of how good a model is.

    The images are from NIH ChestX-ray14 (Wang et al., "ChestX-ray8: Hospital-scale Chest X-ray
    Database and Benchmarks on Weakly-Supervised Classification and Localization of Common Thorax
    Diseases", CVPR 2017), https://nihcc.app.box.com/v/ChestXray-NIHCC. The NIH Clinical Center
    provided the data.
    """
    return NIHChestXray14(_folder())


@cache
def _folder() -> Path:
    # As files on disk whatever the package was imported from; a zip is unpacked until exit.
    held = ExitStack()
    atexit.register(held.close)
    return held.enter_context(as_file(files("cxrzoo.data") / "sample"))
