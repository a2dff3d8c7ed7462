"""A simulated web of publishers on loopback, for the demo, the tests and load tests.

`Newsroom` knows what every address shows at an instant of its simulated clock; `NewsroomServer` serves it over HTTP.
Every publisher, person and story is invented.
"""

from .newsroom import Answer, Cause, Newsroom
from .plan import Item, Story
from .publishers import CAST, Publisher
from .server import NewsroomServer

__all__ = ["CAST", "Answer", "Cause", "Item", "Newsroom", "NewsroomServer", "Publisher", "Story"]
