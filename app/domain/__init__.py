"""What is true: values and pure rules. Standard library only; no clock, no files, no chance."""
