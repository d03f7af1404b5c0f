"""What a study compares: arms, factors, sizes, trials."""
