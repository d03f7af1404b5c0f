"""What reports call the samples and answers of the task ``music``."""

from __future__ import annotations

from tidegate.report.tasks.page import SamplePage
from tidegate.report.text.wording import Wording


class MusicPage(SamplePage):
    """Frames and their notes."""

    words = Wording(
        one="frame",
        many="frames",
        reads="foresees",
        reading="Foreseeing",
        reference="came",
        answer="expected",
        worst="The pieces that were foreseen worst, by their last frame.",
        harder="dropout and transposition",
        measured="a piece of {} frames",
    )


PAGE = MusicPage()
