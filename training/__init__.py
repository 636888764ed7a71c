"""What makes the files that Love Q learned from data; none of it is deployed."""
