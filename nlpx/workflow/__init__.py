"""The operations behind the commands: read data, train, evaluate, open a finished run."""
