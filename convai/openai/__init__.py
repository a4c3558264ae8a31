"""OpenAI Realtime: its wire, and how a profile becomes its settings."""
