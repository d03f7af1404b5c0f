"""What results say: statistics, verdicts, effects, ranks."""
