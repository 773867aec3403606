"""Orders: from the basket to what is paid and delivered, and back."""
