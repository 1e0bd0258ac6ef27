"""Venues says: where the people whom an organiser wants to reach already gather online."""

__version__ = "0.1.0"
