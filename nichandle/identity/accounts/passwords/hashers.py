"""The password hasher and its parameters."""

from django.contrib.auth.hashers import Argon2PasswordHasher

from nichandle.identity.accounts.passwords import builds


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

    def encode(self, password: str, salt: str) -> str:
        """Hash as Django does, by the best build there is."""
        library, wanted = builds.chosen().library, self.params()
        if library is None:
            return str(super().encode(password, salt))
        made = library.encode(
            password.encode(),
            salt.encode(),
            time=wanted.time_cost,
            kibibytes=wanted.memory_cost,
            lanes=wanted.parallelism,
            length=wanted.hash_len,
        )
        return f"{self.algorithm}{made}"

    def verify(self, password: str, encoded: str) -> bool:
        """Verify as Django does, by the best build there is."""
        library = builds.chosen().library
        if library is None or not encoded.startswith("argon2$argon2id$"):
            return bool(super().verify(password, encoded))
        return library.verify(encoded.removeprefix("argon2").encode("ascii"), password.encode())
