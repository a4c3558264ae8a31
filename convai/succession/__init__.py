"""Succession: one conversation, led by one agent after another."""
