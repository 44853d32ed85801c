"""What needs a person now, and how the service itself is."""

from portal.home.reports.health import Health, health
from portal.home.reports.needs import SHOWN, Needs, needs

__all__ = ["SHOWN", "Health", "Needs", "health", "needs"]
