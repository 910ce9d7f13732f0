"""The paper's table, made again."""
