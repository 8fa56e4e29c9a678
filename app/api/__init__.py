"""How machines ask: each file holds the shapes of one noun's requests and answers, then its routes."""
