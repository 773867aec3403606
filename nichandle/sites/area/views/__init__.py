"""The pages of the customer area."""
