"""`python -m family_guide` is the command `family-guide`."""

import sys

from family_guide.cli import main

sys.exit(main())
