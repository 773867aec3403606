"""The pages of the procedure, and those on which one objects."""
