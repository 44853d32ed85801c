"""Two floors of the house in one package.

The ground floor (common, accounts, audit, notifications, documents) knows nothing of referrals;
the roof (urls, home, governance) stands on everything. What lies between is `referrals` and
`sharing`; import-linter holds the direction.
"""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
