"""The tables as plain SQL files, and the program that applies them in order."""
