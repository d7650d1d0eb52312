"""Find the text of a page: ink, layers of grey levels, regions, lines, characters."""
