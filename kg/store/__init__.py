"""The store: immutable generations on disk, queries in processes that can be stopped, and typed results.

Import from the modules. This package imports nothing itself, because every query process starts by importing it.
"""
