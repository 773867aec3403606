"""What somebody signed in does about password and factors."""
