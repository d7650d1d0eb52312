"""What turns an image into a map of features."""
