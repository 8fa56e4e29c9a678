"""What others read: records, which are values of the domain, turned into other people's formats and back."""
