"""The time zones a person can choose."""

from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError


@cache
def time_zones() -> list[str]:
    """Names such as "Europe/Madrid", without the aliases that nobody looks for."""
    named = (zone for zone in available_timezones() if "/" in zone)
    return [*sorted(zone for zone in named if not zone.startswith("Etc/")), "UTC"]


def is_time_zone(value: str) -> None:
    """A validator: refuses a name that the time-zone database does not know."""
    if value not in available_timezones():
        raise ValidationError(f"“{value}” is not a time zone. Choose one, such as Europe/Madrid.")
