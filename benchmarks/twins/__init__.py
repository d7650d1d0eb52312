"""PyTorch twins of networks of nlpx: one file per task, with the weights of nlpx by their names there."""
