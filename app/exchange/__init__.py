"""What others read: records as other people's formats, and back. Pure where it can be."""
