"""Helpers of the tests: real servers, clients, writers of chat exports."""
