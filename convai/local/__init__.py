"""The embedded agent: a server that speaks the ElevenLabs wire and needs no key.

`python -m convai.local` runs it alone; `process.LocalProcess` runs it as a child, so
that its speech work can never make the media loop stumble.

    server    the HTTP and WebSocket side; `admission` and `tickets` guard its door
    session   one conversation: moves sound and messages between the parts below
    turns     who has the turn, from voice activity. Pure
    dialogue  what to say, cut, call and when, given turns and time. Pure
    script    what a scripted brain is; `demo` is the one that ships, `slots` its words
    intake    client messages, read and checked. Pure
    messages  server messages, built. Pure
    vad, ears, pauses, voice   the engines, each with a poorer stand-in
    models    the files that the engines need, from pinned packages
"""
