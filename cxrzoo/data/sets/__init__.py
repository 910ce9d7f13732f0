"""Public data sets other than NIH ChestX-ray14's own labels, one file each, all as the same table."""

__all__: list[str] = []
