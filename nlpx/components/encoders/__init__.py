"""What turns a sequence of vectors into another of the same length."""
