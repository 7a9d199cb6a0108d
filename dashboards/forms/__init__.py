"""Forms of the pages across apps."""
