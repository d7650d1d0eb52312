"""What turns the vectors of a sequence into one."""
