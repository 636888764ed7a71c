"""What Love Q costs, measured: `make bench` prints one table."""
