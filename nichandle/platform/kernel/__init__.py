"""What every room stands on: refusals, secrets, origin, text, money, paging. No models."""
