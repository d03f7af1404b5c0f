"""error_analysis.json: what reports show of a network's answers, a type a task."""
