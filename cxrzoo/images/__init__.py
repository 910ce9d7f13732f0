"""A picture file to the pixels that a model sees.

Names are imported when they are first used: ``import cxrzoo.images`` loads no Pillow.
"""

from cxrzoo.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "checks": ("ImageProblem", "check_images"),
        "decoding": ("IMAGE_SUFFIXES",),
        "reading": ("read_image", "resize"),
        "spec": ("ImageSpec", "Placement"),
    },
    renamed={"Finding": "cxrzoo.images.ImageProblem", "inspect": "cxrzoo.images.check_images"},
)
