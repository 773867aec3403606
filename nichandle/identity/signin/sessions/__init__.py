"""Sessions: opened, kept behind Django's interface, read at each page, ended."""
