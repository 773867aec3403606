"""Accounts: who the customer is, by which rules details are given, and passwords."""
