"""The change of the primary address: both sides heard, silence counted, undone at will."""
