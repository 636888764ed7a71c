"""Requests and replies as the wire has them; each reply says how it is made from domain data."""
