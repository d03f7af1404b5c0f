"""A task of one's own: polyphonic music, the notes of the next frame from all frames before it.

``studies/music`` says what it reaches; ``docs/how-to/own-task.md`` explains what a task is made of.
"""
