"""Keeping an installation: whose it is, backups, the way from version to version, huge pages."""
