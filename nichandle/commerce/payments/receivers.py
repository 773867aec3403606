"""What this room puts on lists of others when the product starts."""

from nichandle.commerce.invoices.dues.paying import OWED
from nichandle.commerce.payments.queries import number_of

OWED.append(number_of)
