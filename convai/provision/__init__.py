"""Writes a profile into an ElevenLabs agent: `python -m convai.provision`."""
