"""Pages about one's own results, and the same pages for those who may see another's."""
