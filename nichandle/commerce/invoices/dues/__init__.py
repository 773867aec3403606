"""What is paid of what was invoiced, and what is overdue."""
