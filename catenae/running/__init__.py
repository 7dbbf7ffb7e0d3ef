"""Running: from a declared node to instances of it, those of one machine under a supervisor."""
