"""Mail: the letters that follow a meeting, with an invitation in them."""
