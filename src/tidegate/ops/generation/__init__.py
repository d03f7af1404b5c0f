"""Text written symbol by symbol: the model as plain arrays, sampling, and the loops that draw."""
