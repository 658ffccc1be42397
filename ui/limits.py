"""What one session may ask of the machine."""

from __future__ import annotations

from dataclasses import dataclass, fields

from faults import Fault, InputError


@dataclass(frozen=True)
class Limits:
    """What one session may ask of the machine; all are more than work needs."""

    upload_mb: int = 500
    """Largest file that may be uploaded."""
    session_upload_mb: int = 2000
    """All uploads of a session together."""
    seconds: int = 120
    """Longest time that one calculation started in a page may take."""
    sessions: int = 200
    """Sessions open at the same time; a further one is asked to come back later."""

    def __post_init__(self) -> None:
        """Refuse limits that let nothing through, or uploads beyond those of a session."""
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{field.name} = {value!r}: must be a whole number above 0")
        if self.upload_mb > self.session_upload_mb:
            most = self.session_upload_mb
            raise ValueError(f"upload_mb = {self.upload_mb}: must not be above session_upload_mb = {most}")


@dataclass(frozen=True)
class Quota:
    """What a session has used of its limits."""

    limits: Limits
    used_bytes: int = 0

    def take(self, size_bytes: int) -> Quota:
        """Return the quota after one more upload.

        Raises
        ------
        InputError
            The upload, or all uploads of the session together, are too large.

        Examples
        --------
        >>> Quota(Limits(upload_mb=1, session_upload_mb=1)).take(400_000).used_bytes
        400000
        """
        used = self.used_bytes + size_bytes
        checks = (
            (size_bytes, self.limits.upload_mb, "a file may have at most {} MB"),
            (used, self.limits.session_upload_mb, "the files of one session may have at most {} MB together"),
        )
        for size, most_mb, rule in checks:
            if size > most_mb * 1_000_000:
                raise InputError([Fault("upload", None, None, f"{size / 1e6:.1f} MB", rule.format(most_mb))])
        return Quota(self.limits, used)
