"""What a report holds, and how it is shown."""

__all__: list[str] = []
