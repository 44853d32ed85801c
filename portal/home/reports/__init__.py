"""What needs a person now, and how the service itself is."""

from portal.home.reports.needs import SHOWN, Needs, needs
from portal.home.reports.service import Health, health

__all__ = ["SHOWN", "Health", "Needs", "health", "needs"]
