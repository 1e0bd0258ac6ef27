"""Crawlers get: listings of venues from outside, politely and without harm."""
