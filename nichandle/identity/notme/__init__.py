"""« Ce n'était pas moi »: the links by which the owner disowns an act, one for each mail."""
