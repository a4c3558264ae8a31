"""Providers: how an agent of each is reached, and what is to be known of it."""
