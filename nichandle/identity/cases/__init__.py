"""Cases: what people must look into before it has an effect, such as access lost altogether."""
