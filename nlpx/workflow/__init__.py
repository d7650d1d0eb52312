"""What the commands do, without their flags: read data, train, evaluate, open a finished run."""
