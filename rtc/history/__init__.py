"""The calls over HTTP: pages, JSON, sound, exports."""
