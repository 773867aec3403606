"""Signing in and out, and the sessions that signing in opens."""
