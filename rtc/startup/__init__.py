"""What happens before the first call: settings, certificate, and what is announced."""
