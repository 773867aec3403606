"""The pages of paying, and where providers tell what has happened."""
