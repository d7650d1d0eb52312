"""nlpx: a command-line experiment runner for small Chinese-language models, driven by YAML."""

__version__ = "0.1.0"
