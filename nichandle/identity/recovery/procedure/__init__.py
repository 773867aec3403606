"""The procedure: for those who no longer read their address, or lost their second factor."""
