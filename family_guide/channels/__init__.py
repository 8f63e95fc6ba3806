"""How families reach the assistant: the website and messaging apps."""
