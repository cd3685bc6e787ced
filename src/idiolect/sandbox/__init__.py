"""Running programs nobody vouches for: one function, the limits it keeps, and how firmly it keeps them."""

from idiolect.sandbox.contract import Isolation, Limit, Limits, Result
from idiolect.sandbox.isolation import Demand, choose
from idiolect.sandbox.launch import run

__all__ = ["Demand", "Isolation", "Limit", "Limits", "Result", "choose", "run"]
