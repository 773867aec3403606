"""A fresh sign-in before a sensitive act, which is then resumed."""
