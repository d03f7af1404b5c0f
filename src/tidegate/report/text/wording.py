"""What a task's samples, answers and mistakes are called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """The words of one task.

    Attributes:
        one: What a sample is: figures are per sample, speeds are samples a second.
        many: Several of them.
        reads: What a trained model does with them.
        reading: The same as a noun.
        picture: What the image of a sample is called, where it has one.
        reference: Before what a sample is.
        answer: Before what the model says that it is.
        worst: How the worst mistakes are chosen.
        confusions: The heading over what was taken for what.
        arrow: What the two sides of a confusion are.
        harder: What makes training samples harder than those of the validation.
        measured: What the FLOPs are of, with a place for the typical size.
        length: What the length of a sample is counted in.
        lengths: Which groups errors by length are of.
    """

    one: str = "sample"
    many: str = "samples"
    reads: str = "reads"
    reading: str = "Reading"
    picture: str = "Picture"
    reference: str = "is"
    answer: str = "taken for"
    worst: str = "The samples that are farthest from what is right."
    confusions: str = "Confusions"
    arrow: str = "Is → taken for"
    harder: str = "dropout"
    measured: str = "one sample"
    length: str = "Length"
    lengths: str = "of samples by their length"

    def speed(self, doing: str) -> str:
        """A column's heading.

        >>> Wording(many="lines").speed("trains")
        'trains, lines/s'
        """
        return f"{doing}, {self.many}/s"

    def size(self, typical: object) -> str:
        """What FLOPs are of.

        >>> words = Wording(one="line", measured="a line of {} columns")
        >>> words.size(23), words.size(None)
        ('a line of 23 columns', 'one line')
        """
        return self.measured.format(typical) if isinstance(typical, int) else f"one {self.one}"
