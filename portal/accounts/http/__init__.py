"""Who is asking: the principal of every request, the limits of a session, and sign-in's rules."""

from portal.accounts.http.adapter import AccountAdapter, too_often
from portal.accounts.http.kept import (
    KeptMiddleware,
    SignInRequiredMiddleware,
    csrf_failure,
    handler500,
)
from portal.accounts.http.principal import (
    SESSION_LIMIT,
    ApiRequest,
    PrincipalMiddleware,
    Request,
    local_path,
    no_role,
    no_role_needed,
    seconds_left,
    unlock,
    work_as,
)

__all__ = [
    "SESSION_LIMIT",
    "AccountAdapter",
    "ApiRequest",
    "KeptMiddleware",
    "PrincipalMiddleware",
    "Request",
    "SignInRequiredMiddleware",
    "csrf_failure",
    "handler500",
    "local_path",
    "no_role",
    "no_role_needed",
    "seconds_left",
    "too_often",
    "unlock",
    "work_as",
]
