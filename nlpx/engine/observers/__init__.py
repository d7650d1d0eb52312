"""Consumers of events: the files of a run, the progress display, and what a config adds."""
