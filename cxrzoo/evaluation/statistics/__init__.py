"""Exact figures and their intervals."""
