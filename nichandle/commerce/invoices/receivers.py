"""What this room puts on lists of others when the product starts."""

from nichandle.commerce.invoices.dues import overdue

overdue.join()
