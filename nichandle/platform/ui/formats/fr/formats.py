"""French: « 28 novembre 2026 à 01:43 »."""

DATETIME_FORMAT = r"j F Y \à H:i"
