"""Benchmarks of Love Q: `make bench` prints one table."""
