"""Services: what customers rent, and who has which role on each."""
