"""What sentences are made of: text as typed, figures, times, zones, languages, look-alikes."""
