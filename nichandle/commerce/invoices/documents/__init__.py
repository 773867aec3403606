"""
An invoice as a file: PDF/A-3 with the XML of EN 16931 inside, and what judges it.

rendering   PDF and XML of a document with its number and day
cii         the XML: Cross Industry Invoice, profile EN 16931, as Factur-X
mentions    what French law wants said
layout      what stands where on the page, in words; data/invoice.typ sets it
pdf, xmp    the page by typst, and the part of its metadata that names the XML
container   our own look at the finished file
judging     asks the official rules, in a process apart (saxon, pruning), and our own (blind_spots)
"""
