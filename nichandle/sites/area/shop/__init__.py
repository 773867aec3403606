"""The shop: families, products and terms, at the reader's prices."""
