"""Records in other people's formats, and what others send us in theirs."""
