"""Exact figures and their intervals."""

__all__: list[str] = []
