"""What every room needs and no task owns; imports nothing but the standard library and the errors."""
