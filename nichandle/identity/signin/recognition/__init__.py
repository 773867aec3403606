"""What an account knows: its browsers, its networks, and what it wants to be told of others."""
