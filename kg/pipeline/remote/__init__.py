"""Filling a store elsewhere: what is sent, how it is sent, and going on where it was."""
