"""The processes: started, watched, asked for their health; where a request comes in."""
