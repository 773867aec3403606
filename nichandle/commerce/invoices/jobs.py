"""What the worker does for this room."""

from nichandle.commerce.invoices.issuing import waiting
from nichandle.platform.jobs.registry import pump

pump("invoices.issue", waiting.NEXT_DUE)(waiting.issue_waiting)
