"""How cases are kept: by their numbers, and under a key that seals what people wrote and sent."""
