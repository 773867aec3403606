"""PostgreSQL as Django drives it, and one thing done more cheaply."""
