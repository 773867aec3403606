"""Coming in: who is meant, allowances and waits, the password, the second step."""
