"""The figures that sentences name of this room, by its app: ``"review.second_step"``."""

from nichandle.sites.desk.changes import LOOKED_BACK
from nichandle.sites.desk.keys import MAY_ADD_FOR
from nichandle.sites.desk.operations import HALF_FOR

FIGURES = {"second_step": HALF_FOR, "may_add_key": MAY_ADD_FOR, "looked_back": LOOKED_BACK}
