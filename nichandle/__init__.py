"""
Nichandle. Wings are floors: each imports only from those below it, and a wing holds rooms.

config     where everything is put together
sites      what people and programs enter by
support    what helps customers further
commerce   what customers rent, and with whom they share it
identity   who the customer is
platform   what knows no customer
locale     one catalogue for each language
"""
