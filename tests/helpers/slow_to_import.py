"""A module whose import takes half a second."""

import time

time.sleep(0.5)
NOTHING = 0.0
