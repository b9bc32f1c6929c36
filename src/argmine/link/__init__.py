"""The linker: which unit supports, attacks, motivates or addresses which."""
