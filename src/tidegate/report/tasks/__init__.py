"""What one task's report shows that no other does."""
