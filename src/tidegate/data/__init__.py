"""Samples: where they come from, how they are read, decoded, split, put into batches and augmented.

>>> from tidegate.data.images.sample import Sample
>>> from tidegate.data.images.decode import Geometry, decode
>>> import numpy
>>> line = Sample(name="a", target="text", pixels=numpy.full((20, 100), 255, dtype="uint8"))
>>> decode(line, Geometry(rows=40)).shape
(1, 40, 200)
"""
