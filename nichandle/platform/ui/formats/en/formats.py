"""English as all of Europe reads it: no month before the day, no a.m. and p.m."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = r"j F Y \a\t H:i"
SHORT_DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
