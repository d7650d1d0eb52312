"""Sample dataset of the task ode."""
