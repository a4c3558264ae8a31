"""What is kept of a call while it runs, and made whole again after a crash."""
