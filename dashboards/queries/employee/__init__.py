"""What an employee sees of the own results, and what others who may see them do."""
