"""What this room does when another tells something."""

from nichandle.identity.cases.review import notices
from nichandle.platform.outbox.signals import watch

watch("cases", notices.hear)
