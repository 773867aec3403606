"""
Where the rooms are put together: settings, addresses, the command line.

installation   whose database it is, backups, the way from one version to another
serving        the processes: how they are started and watched, where a request comes in, health
"""
