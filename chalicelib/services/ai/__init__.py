"""Calls to models within a budget, a deadline and a circuit breaker, with a local fallback."""
