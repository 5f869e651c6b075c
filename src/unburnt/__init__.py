"""unburnt: an evidence workbench for leaked and at-risk document collections.

The one public Python surface is :mod:`unburnt.api`; importing this package alone pulls in
no parser, no web server and no database layer.
"""

__version__ = "0.1.0"
