"""Resized images in one memory-mapped file."""

__all__: list[str] = []
