"""The customer area: its home, the account's own pages, and the public home."""
