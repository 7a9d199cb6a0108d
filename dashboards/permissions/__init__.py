"""Who may open the pages that go across apps, with the reason when not."""
