"""Registered strings → concepts, each link with its evidence."""
