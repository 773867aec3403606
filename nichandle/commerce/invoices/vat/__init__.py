"""
Which VAT a sale bears: a pure function over dated tables.

data        territories, rates and rows, as the law has them, with their sources
tables      reads them, once
deciding    what a sale bears, and why
"""
