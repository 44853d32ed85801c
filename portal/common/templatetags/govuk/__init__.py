"""GOV.UK components, and our own beside them, as template tags.

Each tag fills one template of `templates/components/`, whose first lines name what it takes; what
stands in every row of a list is written in its tag, for a template in each row takes longer than
the row. What is passed in is escaped as text unless it is marked safe. `attributes` are extra HTML
attributes.
"""

from portal.common.moments import day, london, minutes_left, time_of_day
from portal.common.templatetags.govuk import components, ours
from portal.common.templatetags.govuk.library import register

__all__ = ["components", "ours", "register"]

for say in (day, london, minutes_left, time_of_day):
    register.filter(say)
