"""The public face: train, resume, load, Model. Importing it imports torch."""

from tidegate.api.model import Model, Prediction, Scores, load
from tidegate.api.train import RunResult, resume, train

__all__ = ["Model", "Prediction", "RunResult", "Scores", "load", "resume", "train"]
