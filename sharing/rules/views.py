"""The door of the law: one page, for anybody with a role."""

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.accounts.http import Request
from sharing.rules import policies, services


@require_safe
def rules(request: Request) -> HttpResponse:
    """List the rules in force today, each as one sentence, and the provisions they rest on."""
    in_force = services.listed(request.principal, timezone.now())
    context = {
        "rules": [{"rule": rule, "sentence": policies.sentence(rule)} for rule in in_force],
        "gateways": policies.gateways(),
    }
    return TemplateResponse(request, "rules/rules.html", context)
