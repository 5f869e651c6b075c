"""``python -m unburnt``."""

from unburnt.cli.main import main

main()
