"""SQL, in one module per table or task."""
