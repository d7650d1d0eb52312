"""What a training leaves behind: written, found again, described, compared. Imports no TensorFlow."""
