"""What migrations of several rooms have in common: the keys of addresses, written anew."""
