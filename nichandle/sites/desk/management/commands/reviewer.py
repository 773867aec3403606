"""`nichandle reviewer …`: the name that `nichandle staff` had before there were other roles."""

from nichandle.sites.desk.management.commands.staff import Command

__all__ = ["Command"]
