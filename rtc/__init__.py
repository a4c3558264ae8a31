"""The caller's side: WebRTC peers, playout, recording, and calls as a whole.

`rtc` imports from `convai` (its events, its Agent protocol), never from `server.py`.
"""
