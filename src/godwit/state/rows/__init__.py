"""Compares the rows of two tables of any size, in the engines that hold them; it judges nothing and writes to no store."""

from godwit.state.rows.comparing import compare_tables

__all__ = ["compare_tables"]
