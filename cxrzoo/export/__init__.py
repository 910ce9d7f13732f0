"""Models for other runtimes: files that run without Keras and without cxrzoo."""

from cxrzoo.export.formats import FORMATS, Format
from cxrzoo.export.write import Exported, export_model, export_pretrained

__all__ = ["FORMATS", "Exported", "Format", "export_model", "export_pretrained"]
