"""The parts of a report, one each; a part that has nothing to show is empty."""
