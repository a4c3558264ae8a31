"""ElevenLabs: the wire of its agents, and how a profile becomes its settings."""
