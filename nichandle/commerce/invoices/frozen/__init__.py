"""What an invoice was made from, kept exactly as it was."""
