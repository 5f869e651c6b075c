"""How a keeper reads, for whoever starts one."""

from unburnt.flow.options import Options as Options

__all__ = ["Options"]
