"""Entry point of ./run and ./test: python3 instance {run|test|keep} …"""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from instance.cli import main  # noqa: E402  the package is found only after the line above

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
