"""What heads of departments and the company's offices see: figures, people, comments."""
