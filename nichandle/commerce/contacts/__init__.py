"""Contacts: handing roles on services over, with the consent of both sides."""
