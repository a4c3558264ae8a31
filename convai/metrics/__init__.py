"""Metrics: how a call went, in figures, and what it cost."""
