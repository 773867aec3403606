"""What sentences are made of: text as people type it, figures, lengths of time, languages."""
