"""Files of the pages that go across apps."""
