"""What names a person or belongs to one, taken out of a text before anybody else reads it."""
