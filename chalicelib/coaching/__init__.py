"""What to write back, and whether to write at all."""
