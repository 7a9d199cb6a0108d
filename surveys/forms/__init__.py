"""What people type on the survey pages."""
