"""Recordings as people want them: WAV, MP3, M4A, peaks for a picture."""
