"""Meetings: what caller and agent agree on, found in what they say. Pure."""
