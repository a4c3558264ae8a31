"""The embedded agent: a server that speaks the ElevenLabs wire and needs no key.

`python -m convai.local` runs it alone; `process.LocalProcess` runs it as a child, so
that its speech work can never make the media loop stumble.

    server    the HTTP and WebSocket side; `admission` and `tickets` guard its door
    session   one conversation: moves sound and messages between the parts below
    turns     who has the turn, from voice activity. Pure
    dialogue  what to say, cut, call and when, given turns and time. Pure
    script    what a scripted brain is. Pure
    demo      a short conversation to try a line with; `sarah` is a sales call
    booking   a meeting being agreed on, of both; `days` and `slots` are its words
    history   where in a script a conversation is that was begun by another agent
    intake    client messages, read and checked. Pure
    messages  server messages, built. Pure
    vad, ears, pauses, voice   the engines, each with a poorer stand-in
    models    the files that the engines need, from pinned packages
"""
