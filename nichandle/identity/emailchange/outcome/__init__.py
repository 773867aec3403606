"""What comes of a change: it is proven, takes effect, is withdrawn, vetoed, lapses, is undone."""
