"""The paper's table, made again."""

__all__: list[str] = []
