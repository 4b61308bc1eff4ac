"""Searching products: one interface, :class:`~.engine.SearchEngine`, kept in step by :mod:`.keeping`.

Why it is as it is: ``docs/decisions/0011-search-in-mongodb.md``.
"""
