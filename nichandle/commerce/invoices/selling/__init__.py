"""The seller file: read, with every fault told at once."""
