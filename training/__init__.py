"""Training of the models that Love Q ships. Nothing here is deployed."""
