"""Until when a consumer may withdraw."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from nichandle.platform.kernel.later import later

holidays = later("holidays", seldom=True)
WITHIN = timedelta(days=14)
"""Code de la consommation, L221-18."""
REFUND_WITHIN = timedelta(days=14)
"""Code de la consommation, L221-24."""
SATURDAY = 5


def last_moment(concluded_at: datetime, *, zone: str) -> datetime:
    """
    Return the end of the last day, at midnight where the seller is.

    The day of the contract does not count, and a period that would end on a Saturday, a Sunday or
    a public holiday ends on the next working day (L221-19).
    """
    day = concluded_at.astimezone(ZoneInfo(zone)).date() + WITHIN
    free = holidays.country_holidays("FR", years=[day.year, day.year + 1])
    while day.weekday() >= SATURDAY or day in free:
        day += timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
