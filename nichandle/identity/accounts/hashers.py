"""The password hasher and its parameters."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """
    Argon2id with OWASP's first parameters (Password Storage Cheat Sheet): 19 MiB, two passes.

    Django's own (100 MiB, eight lanes) cost nine times the CPU on small machines.
    """

    memory_cost = 19456
    time_cost = 2
    parallelism = 1

    @property
    def beginning(self) -> str:
        """How every hash made with these parameters begins."""
        parameters = f"m={self.memory_cost},t={self.time_cost},p={self.parallelism}"
        return f"argon2$argon2id$v=19${parameters}$"

    @property
    def decoy(self) -> str:
        """A whole hash of these parameters that no password has."""
        return f"{self.beginning}bm9ib2R5IGhhcyB0aGlzIHNhbHQsIA${'A' * 43}"
