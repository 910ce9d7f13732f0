"""Heat maps: which part of a picture a score came from, and how well that part is the finding.

Names are imported when they are first used: ``import cxrzoo.heatmaps`` loads no Keras.
"""

from cxrzoo.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "boxes": ("Boxed", "nih_boxes"),
        "cases": ("draw_cases",),
        "explainer": ("Explainer", "explain"),
        "localising": ("Localisation", "LocalisedRow", "localise"),
        "maps": ("Box", "Heatmaps"),
        "methods": ("METHODS",),
    },
)
