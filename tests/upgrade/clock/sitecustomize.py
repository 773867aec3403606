"""
Sets the clock of every Python process that has this folder on its path.

Python imports a module of this name when it starts. ``CLOCK_OFFSET`` is in seconds, so that all
processes of one product agree however late they start.
"""

import os
import time

import time_machine

time_machine.travel(time.time() + float(os.environ["CLOCK_OFFSET"]), tick=True).start()
