"""Images and their classes."""

from __future__ import annotations

from tidegate.report.sections import SampleStyle
from tidegate.report.tasks.page import SamplePage
from tidegate.report.text.wording import Wording


class ClassifyPage(SamplePage):
    """Pictures as tiles."""

    words = Wording(
        one="image",
        many="images",
        worst="The wrong answers given with most confidence.",
        harder="dropout and augmentation",
        measured="one image",
    )
    style = SampleStyle(run="tiles", study="pictures")


PAGE = ClassifyPage()
