"""The comparison of agents: `python -m convai.compare`.

The same caller, played from recordings, calls each agent at the same time over real
calls; what it hears is measured, and one page shows the agents side by side.
"""
