"""Getting back in: the lost password and the lost identifier."""
