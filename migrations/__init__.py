"""The tables, as plain SQL files in order, and the program that applies them."""
