"""Tools: what an agent may have done in a call."""
