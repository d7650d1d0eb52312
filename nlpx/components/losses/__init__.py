"""Objectives, which training minimizes."""
