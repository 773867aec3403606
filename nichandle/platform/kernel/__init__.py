"""What every room stands on: refusals, secrets, codes, origin, text, money, paging. No models."""
