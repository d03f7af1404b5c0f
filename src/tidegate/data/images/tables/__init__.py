"""Tables of images with answers, as people and programs write them, and where the images are that they name."""
