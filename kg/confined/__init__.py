"""Processes for work on what strangers wrote: a query, shapes. They have limits and may be ended at any moment.

:mod:`kg.confined.owner` is the side that starts and ends them, :mod:`kg.confined.inside` what they do to themselves.
They talk in frames of a ``multiprocessing.connection.Connection``. Nothing is pickled, so a process that went wrong
cannot make its owner run anything.
"""
