"""Networks: the options in NAME.py, the Keras layer in NAME_layer.py."""
