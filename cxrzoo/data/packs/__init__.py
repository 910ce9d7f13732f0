"""Resized images in one memory-mapped file."""
