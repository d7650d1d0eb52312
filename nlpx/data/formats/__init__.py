"""Recognize files in other formats than their reader expects, for messages with advice."""
