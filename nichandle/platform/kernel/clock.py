"""The clock as an argument: what takes long asks it again, and tests bring their own."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Tells the time in UTC; only the edge knows the real one."""
