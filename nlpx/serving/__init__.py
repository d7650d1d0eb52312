"""Serve models over HTTP: a JSON API, and the page that uses it."""
