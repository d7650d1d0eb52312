"""Pages: how text is found on the image of a page."""
