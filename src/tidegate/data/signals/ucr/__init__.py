"""Files of the archives of UCR and UEA."""
