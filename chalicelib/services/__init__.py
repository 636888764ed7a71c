"""The use cases of Love Q. Services do not depend on HTTP or SQL. Only services open transactions."""
