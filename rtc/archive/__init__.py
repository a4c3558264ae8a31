"""Finished and running calls: rows in a database, files beside them."""
