"""Keeping an installation: whose it is, its backups, its way from one version to another."""
