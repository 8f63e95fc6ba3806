"""Every figure of the README and the docs is made here."""

# First of all, before NumPy: it reads the number of its threads when it is imported.
import family_guide  # noqa: F401
