"""How a change ends: it takes effect, is withdrawn, vetoed, replaced, lapses, is undone."""
