"""What is looked for in each kind of data: a file a task."""
