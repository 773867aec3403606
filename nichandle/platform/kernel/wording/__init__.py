"""What sentences are made of: text as typed, figures, lengths of time, languages, look-alikes."""
