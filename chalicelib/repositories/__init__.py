"""SQL and objects: one module per group of tables."""
