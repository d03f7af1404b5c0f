"""Images of lines and classes: reading, augmentation, and the tasks classify and transcribe."""
