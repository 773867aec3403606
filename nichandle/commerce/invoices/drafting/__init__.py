"""What is to be issued: documents split and joined, and what is credited of them."""
