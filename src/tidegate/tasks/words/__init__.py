"""What tasks on words share: what a model knows of words, and what its network sees of them."""
