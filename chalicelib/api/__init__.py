"""The HTTP edge: who asks, what is asked, what is answered."""
