"""Two tasks of one's own: adding two marked numbers, and copying ten symbols, over hundreds of steps.

They show the whole of what ``tidegate.register`` asks for. ``docs/how-to/own-task.md`` goes through them.
"""
