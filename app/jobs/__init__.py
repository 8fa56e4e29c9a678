"""What happens by itself: small loops that call services."""
