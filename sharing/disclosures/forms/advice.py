"""What an information-governance lead types who is asked for advice."""

from portal.common.forms import PageForm
from sharing.disclosures.forms.told import box


class AdviceForm(PageForm):
    """What an information-governance lead answers."""

    advice = box(
        "Your advice",
        "Write your advice. A sentence is enough",
        help_text="Say which reason in law fits, what to leave out, or why not to share.",
        rows=5,
    )
