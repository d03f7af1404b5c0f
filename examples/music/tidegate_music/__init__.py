"""A task for Tidegate in a package of its own: polyphonic music, the notes of the next frame from all frames before.

``pyproject.toml`` names ``settings.MUSIC`` in the entry-point group ``tidegate.tasks``; ``docs/how-to/own-task.md`` in
Tidegate's repository explains what a task is made of.
"""
