"""What Love Q does. Knows no HTTP and no SQL."""
