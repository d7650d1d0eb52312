"""What a file is that is not in the format its reader expects, and what to do about it: for messages."""
