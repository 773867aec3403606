"""From the operator's file to a catalogue, with every fault where it stands."""
