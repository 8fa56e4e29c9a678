"""What others read: domain values in other people's formats, and back."""
