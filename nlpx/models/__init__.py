"""Model architectures that tasks combine with components."""
