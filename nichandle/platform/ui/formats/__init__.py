"""How moments are written where Django's own way is not what our readers expect."""
