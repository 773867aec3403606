"""What a sale comes to: who buys, what it costs with VAT, why, and how that is kept."""
