"""Keeping on the case whether a sign of harm was told, in the transaction that changes it."""

from referrals.models import Case, Statement
from referrals.vocabulary import HARM_SIGNS, Answer, Protect


def keep_signs(case: Case) -> None:
    """Write on the case whether anybody told of a sign of harm. The caller holds the case's lock.

    What was told stays told when it is taken out of sight later. What is concealed counts for
    nothing: a rule that it set going would tell that it is there. What was told in a case that is
    joined to this one counts here as well: the database carries it on, for as long as it is told.
    """
    told = Statement.objects.filter(case=case, question="signs", answer=Answer.GIVEN)
    texts = told.exclude(protect=Protect.EXISTENCE).values_list("text", flat=True)
    here = any(sign.label in text for text in texts for sign in HARM_SIGNS)
    case.harm_sign = case.sign_carried or here
    case.save(update_fields=["harm_sign", "sign_carried"])
