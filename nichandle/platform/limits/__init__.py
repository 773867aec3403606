"""Allowances: how often a thing may be done before it has to wait."""
