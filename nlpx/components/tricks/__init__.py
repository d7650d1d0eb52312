"""What can be added to training at declared points."""
