"""
What accountants and tax offices are given of the documents issued.

issued rows         a document with its number, in euros; those of a period
places taxes        the state whose VAT a line bears; the VAT of a document by state
charts data         accounts of the general ledger: the French chart, or the operator's own
bookings journals   debit and credit to the cent, in the columns of the French FEC
statements          VAT by state and rate
"""
