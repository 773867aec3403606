"""What confirms a change: the code to the current address, the proof of the new one."""
