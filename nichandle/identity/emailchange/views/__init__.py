"""The page of a change of address, and the pages its links open."""
