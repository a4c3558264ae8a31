"""Desk: what becomes of the meetings that were found, kept on disk until it is done."""
