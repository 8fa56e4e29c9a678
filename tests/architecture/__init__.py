"""Does the tree keep the rules of the house? Each guard is also seen failing on a planted fault."""
