"""Time series: tables, frequency, gaps, covariates, the parts of a run."""
