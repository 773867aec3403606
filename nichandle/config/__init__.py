"""
Where the rooms are put together: settings, addresses, the command line.

serving   the processes: how they are started and watched, where a request comes in, health
"""
