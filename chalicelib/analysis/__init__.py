"""What a chat tells, in figures. Pure functions over domain data."""
