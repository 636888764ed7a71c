"""Request and reply models. A reply model exists only where the wire differs from the domain type."""
