"""SQLite as Django drives it, but a file that is not there stays away, or is noticed."""
