"""What goes into a model and what comes out, the same for every task."""
