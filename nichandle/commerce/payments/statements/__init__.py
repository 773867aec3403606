"""
What the bank says: statements read, matched with what is owed, booked where nothing is in doubt.

reading    what a statement is, whatever its form; what keeps one from being taken
camt       ISO 20022 camt.053
columns    files of columns, with one mapping for each bank
matching   which line is for what: for certain, or perhaps
importing  statements taken, and lines booked
deciding   what people say of the lines that were left
"""
