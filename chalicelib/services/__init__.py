"""The use cases of Love Q. Services know no HTTP and no SQL. Only services open transactions."""
