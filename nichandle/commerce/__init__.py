"""
What the customer rents, and with whom they share it.

services   what is rented, and the roles on it
contacts   handing roles over
"""
