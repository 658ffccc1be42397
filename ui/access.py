"""Who may do what: roles from a configuration file, and who may listen where."""

from __future__ import annotations

import fnmatch
import ipaddress
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from faults import Fault, InputError, RunError
from ui.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Role = Literal["viewer", "editor", "admin"]
"""Each may do all that those before it may."""
Action = Literal["view", "edit", "administer"]
SignIn = Literal["nobody", "network", "oidc"]
ROLES: tuple[Role, ...] = get_args(Role)
NEEDS: Mapping[Action, Role] = {"view": "viewer", "edit": "editor", "administer": "admin"}
"""The least role of an action. Edit: change the ledger; administer: replace or restore it, choose the run."""
VARIABLE = "YIJIAN_ACCESS"
FILE = "access.toml"
KEYS = {"sign_in", "network_role", "roles", "limits"}


@dataclass(frozen=True)
class Access:
    """Who is let in, and as what."""

    sign_in: SignIn = "nobody"
    """oidc: by an identity provider; network: whoever reaches the port; nobody: this machine only."""
    network_role: Role = "viewer"
    """Role of everybody where the network decides."""
    members: tuple[tuple[Role, tuple[str, ...]], ...] = ()
    """Addresses by role; `*` stands for any characters, as in `*@example.org`."""
    limits: Limits = field(default_factory=Limits)

    def role_of(self, email: str | None, *, verified: bool = True) -> Role | None:
        """Return the highest role of a visitor, or None who is not let in.

        Parameters
        ----------
        email
            As the identity provider says; None: not signed in.
        verified
            False where the provider says that the address is not verified: it then proves nothing.

        Examples
        --------
        >>> staff = Access("oidc", members=(("viewer", ("*@example.org",)), ("editor", ("li@example.org",))))
        >>> staff.role_of("Li@Example.org"), staff.role_of("wang@example.org"), staff.role_of("x@example.com")
        ('editor', 'viewer', None)
        """
        if self.sign_in == "nobody":
            return ROLES[-1]  # only this machine can reach the app: see `check_listening`
        if self.sign_in == "network":
            return self.network_role
        if not email or not verified:
            return None
        name = email.strip().casefold()
        found = [
            role
            for role, patterns in self.members
            if any(fnmatch.fnmatchcase(name, pattern.casefold()) for pattern in patterns)
        ]
        return max(found, key=ROLES.index, default=None)


def may(action: Action, role: Role | None) -> bool:
    """Say whether a role allows an action.

    Examples
    --------
    >>> may("view", "editor"), may("administer", "editor"), may("view", None)
    (True, False, False)
    """
    return role is not None and ROLES.index(role) >= ROLES.index(NEEDS[action])


def require(action: Action, role: Role | None) -> None:
    """Refuse what a role does not allow.

    Raises
    ------
    RunError
        Always with the role that is needed.
    """
    if not may(action, role):
        raise RunError(f"this needs the role {NEEDS[action]}; yours is {role or 'none'}")


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach an address.

    Examples
    --------
    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "10.1.2.3", "")]
    [True, True, True, False, False, False]
    """
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_listening(host: str, access: Access) -> None:
    """Refuse to let other machines in where nobody is asked who they are.

    Raises
    ------
    RunError
        The address is reachable from elsewhere and neither sign-in nor the network decides who comes.
    """
    if access.sign_in == "nobody" and not is_loopback(host):
        raise RunError(
            f"--host {host} lets other machines in, and no sign-in is configured: listen on 127.0.0.1, "
            f"or say in {FILE} who may come (docs/deploy.md)"
        )


def load_access(path: Path | None = None) -> Access:
    """Read the configuration of access; a file that is not named and not there means: this machine only.

    Parameters
    ----------
    path
        None: the file that $YIJIAN_ACCESS names, else `access.toml` below $YIJIAN_HOME.

    Raises
    ------
    InputError
        The file cannot be read, or says what nobody understands; all faults at once.
    """
    named = path or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    file = named or Path(os.environ.get("YIJIAN_HOME", "var")) / FILE
    if named is None and not file.is_file():
        return Access()
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Fault(FILE, None, None, str(file), "cannot be read (UTF-8)")]) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError([Fault(FILE, None, None, None, f"is not valid TOML: {error}")]) from error
    return parse_access(tree)


def parse_access(tree: Mapping[str, Any]) -> Access:
    """Make access of its tables: sign_in, network_role, [roles], [limits].

    Raises
    ------
    InputError
        Everything in it that is wrong.
    """
    faults = [_fault(key, None, "is no key of this file") for key in sorted(set(tree) - KEYS)]
    sign_in, role = tree.get("sign_in", "nobody"), tree.get("network_role", "viewer")
    choices = (("sign_in", sign_in, get_args(SignIn)), ("network_role", role, ROLES))
    faults += [
        _fault(key, value, f"must be one of {', '.join(known)}")
        for key, value, known in choices
        if value not in known
    ]
    members = tree.get("roles", {})
    faults += _member_faults(members, needed=sign_in == "oidc")
    limits = Limits()
    try:
        limits = Limits(**tree.get("limits", {}))
    except (TypeError, ValueError) as error:
        faults.append(_fault("limits", None, str(error)))
    if faults:
        raise InputError(faults)
    chosen = tuple((name, tuple(members[name])) for name in ROLES if name in members)
    return Access(sign_in, role, chosen, limits)


def _fault(key: str, value: object, rule: str) -> Fault:
    return Fault(FILE, None, key, None if value is None else str(value), rule)


def _member_faults(members: object, *, needed: bool) -> list[Fault]:
    if not isinstance(members, dict):
        return [_fault("roles", members, "must be a table of lists of addresses")]
    if needed and not any(members.values()):
        return [_fault("roles", None, "names nobody: with sign-in nobody could come in")]
    wrong = [
        _fault(f"roles.{name}", None, f"must be one of {', '.join(ROLES)}")
        for name in members
        if name not in ROLES
    ]
    return wrong + [
        _fault(f"roles.{name}", patterns, "must be a list of addresses, each with one @")
        for name, patterns in members.items()
        if name in ROLES and not _are_addresses(patterns)
    ]


def _are_addresses(patterns: object) -> bool:
    if not isinstance(patterns, list):
        return False
    texts: Sequence[object] = patterns
    return all(isinstance(text, str) and text.count("@") == 1 for text in texts)
