"""The task ode."""
