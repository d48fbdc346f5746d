"""The whole line: records in, statements, a validated store, a report out."""
