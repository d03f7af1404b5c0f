"""The data doctor: what in data makes training fail, or fail in silence, found before training. It knows no torch."""
