"""What was issued is as it was: for the operator, and for whoever asks whether it is ours."""
