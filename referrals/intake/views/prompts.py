"""Which words of a draft its author may want to look at again before sending it."""

from collections.abc import Iterator
from typing import Final

from django.forms import Textarea
from django.urls import reverse

from portal.accounts.policies import prompts_for
from portal.accounts.vocabulary import Principal
from portal.common.language import Prompt
from referrals.intake.forms import pages
from referrals.intake.models import Draft

THE_CHILDS_OWN: Final = frozenset({"child_said"})
"""The boxes for what the child said. Their words are theirs: nobody is asked to change them."""


def prompts_of(principal: Principal, draft: Draft) -> list[Prompt]:
    """The phrases in the draft's narratives that the author's partnership asks to look at again."""
    return prompts_for(principal, _narratives(draft))


def _narratives(draft: Draft) -> Iterator[tuple[str, str, str]]:
    for page, form in pages(draft).items():
        typed = draft.answers.get(page, {})
        back = reverse("intake:page", args=[draft.pk, page])
        for name, field in form.fields.items():
            words = typed.get(name, "")
            is_ours = isinstance(field.widget, Textarea) and name not in THE_CHILDS_OWN
            if is_ours and isinstance(words, str):
                yield f"{back}?back=check#id_{name}", str(field.label), words
