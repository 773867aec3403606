"""What this room does when another tells something."""

from nichandle.cases import notices
from nichandle.outbox.signals import watch

watch("cases", notices.hear)
