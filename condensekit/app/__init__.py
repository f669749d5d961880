"""The labs as a web app, by Voila. Needs the extra ``app``."""

from .pages import write_pages
from .server import serve

__all__ = ["serve", "write_pages"]
