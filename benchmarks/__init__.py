"""Every figure of the README and the docs is made here."""
