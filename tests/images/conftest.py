"""What the tests of DICOM files share."""

import numpy as np
import pytest
from PIL import Image

from cxrzoo import load_sample


@pytest.fixture(scope="module")
def x_ray():
    """A real X-ray as 12 bits, (128, 128): its grey and, below, what a detector adds."""
    grey = np.asarray(Image.open(load_sample().images[3])).astype(np.uint16)
    return grey * 16 + np.arange(128, dtype=np.uint16) % 16
