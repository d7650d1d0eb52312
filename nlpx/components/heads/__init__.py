"""What turns encoded positions into scores of labels."""
