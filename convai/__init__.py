"""The conversation side: agents, their wires, and what is understood from them.

Nothing in here knows of WebRTC or HTTP servers; `rtc` and `server.py` import from
here and never the other way round.
"""
